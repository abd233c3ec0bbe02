-- What a file says of a person beside name and address: the birth date sealed, as the records of proofing have it.
ALTER TABLE employee_import_row ADD COLUMN birth_date BLOB;
ALTER TABLE employee_import_row ADD COLUMN unit TEXT;
ALTER TABLE employee_import_row ADD COLUMN job_title TEXT;
ALTER TABLE employee_import_row ADD COLUMN labels TEXT;
ALTER TABLE employee_import_row ADD COLUMN rid TEXT;
