DROP TABLE employee_import_turn;
DROP TABLE employee_import_row;
DROP TABLE employee_import;
DROP INDEX employee_email;
ALTER TABLE employee DROP COLUMN search_email;
