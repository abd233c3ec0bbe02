ALTER TABLE reissue DROP COLUMN wait_hours;
