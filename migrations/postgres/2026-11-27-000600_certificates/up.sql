-- What was signed stands in the certificate: the bytes to be signed are kept until then. Serials are unique over all authorities. What an employee
-- has of a kind is few among what the employee has.
ALTER TABLE certificate ALTER COLUMN tbs DROP NOT NULL;
UPDATE certificate SET tbs = NULL WHERE certificate IS NOT NULL;
ALTER TABLE certificate DROP CONSTRAINT certificate_authority_id_serial_key;
ALTER TABLE certificate ADD CONSTRAINT certificate_serial_key UNIQUE (serial);
DROP INDEX certificate_serial;
DROP INDEX certificate_of_kind;
