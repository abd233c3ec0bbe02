DROP INDEX account_attempt_last;
ALTER TABLE account_attempt ADD COLUMN proven_at INTEGER;
CREATE INDEX account_attempt_last ON account_attempt (last_at) WHERE proven_at IS NULL;
DELETE FROM account_attempt WHERE place <> 'network';
ALTER TABLE account_attempt DROP COLUMN place;
DROP TABLE account_warning;
DROP TABLE device;
