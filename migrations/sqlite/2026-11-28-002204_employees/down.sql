DROP INDEX employee_import_waiting;
