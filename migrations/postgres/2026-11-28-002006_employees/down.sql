ALTER TABLE employee_import_row DROP COLUMN telephone;
