ALTER TABLE signatory DROP COLUMN ended_at;
ALTER TABLE company DROP COLUMN superadministrators;
ALTER TABLE administrator DROP COLUMN post;
