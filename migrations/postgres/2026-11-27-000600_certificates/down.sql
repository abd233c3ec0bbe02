-- The bytes of what is signed stand in the certificate and are not taken out of it here: a program of before reads them from the backup that is
-- made before each upgrade.
UPDATE certificate SET tbs = '\x' WHERE tbs IS NULL;
ALTER TABLE certificate ALTER COLUMN tbs SET NOT NULL;
ALTER TABLE certificate DROP CONSTRAINT certificate_serial_key;
ALTER TABLE certificate ADD CONSTRAINT certificate_authority_id_serial_key UNIQUE (authority_id, serial);
CREATE INDEX certificate_serial ON certificate (serial);
CREATE INDEX certificate_of_kind ON certificate (employee_id, profile, state, id);
