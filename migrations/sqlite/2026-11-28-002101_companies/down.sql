DROP TABLE agreement_form;
ALTER TABLE signatory DROP COLUMN declined_at;
ALTER TABLE signatory DROP COLUMN role;
ALTER TABLE company DROP COLUMN withdrawn_at;
ALTER TABLE company DROP COLUMN needed;
