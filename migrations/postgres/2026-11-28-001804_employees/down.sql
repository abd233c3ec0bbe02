DROP INDEX employee_unit;
ALTER TABLE employee DROP COLUMN labels;
ALTER TABLE employee DROP COLUMN job_title;
ALTER TABLE employee DROP COLUMN search_unit;
ALTER TABLE employee DROP COLUMN unit;
