-- Where the person of a row is called.
ALTER TABLE employee_import_row ADD COLUMN telephone TEXT;
