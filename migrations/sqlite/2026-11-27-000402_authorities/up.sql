-- When the root took its word back: such a certificate is given out no more.
ALTER TABLE cross_certificate ADD COLUMN revoked_at INTEGER;
