ALTER TABLE company DROP COLUMN closed_at;
