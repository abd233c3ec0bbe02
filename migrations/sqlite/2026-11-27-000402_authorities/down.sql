ALTER TABLE cross_certificate DROP COLUMN revoked_at;
