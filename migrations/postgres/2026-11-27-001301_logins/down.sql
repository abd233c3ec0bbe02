ALTER TABLE login DROP COLUMN device_id;
DROP TABLE login_refusal;
