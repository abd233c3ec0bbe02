DROP INDEX recovery_objection;
ALTER TABLE recovery DROP COLUMN objection_hash;
