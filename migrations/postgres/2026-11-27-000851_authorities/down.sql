ALTER TABLE authority DROP COLUMN revoked_at;
