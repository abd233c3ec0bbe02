-- How the person in a certificate was vouched for.
ALTER TABLE certificate ADD COLUMN proofing_id BLOB;
UPDATE certificate SET proofing_id = employee_id WHERE employee_id IS NOT NULL;
