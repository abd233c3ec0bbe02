DROP INDEX audit_entry_sequence;
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_sequence_key UNIQUE (sequence);
