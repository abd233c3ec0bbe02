ALTER TABLE employee_import_row DROP COLUMN rid;
ALTER TABLE employee_import_row DROP COLUMN labels;
ALTER TABLE employee_import_row DROP COLUMN job_title;
ALTER TABLE employee_import_row DROP COLUMN unit;
ALTER TABLE employee_import_row DROP COLUMN birth_date;
