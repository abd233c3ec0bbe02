-- Since when a list of its root says that the authority is revoked: it certifies nothing more.
ALTER TABLE authority ADD COLUMN revoked_at INTEGER;
