-- A number is unique once there is one: an entry that waits for its own stands in no index of numbers.
ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_sequence_key;
CREATE UNIQUE INDEX audit_entry_sequence ON audit_entry (sequence) WHERE sequence IS NOT NULL;
