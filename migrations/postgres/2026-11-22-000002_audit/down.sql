DROP TABLE audit_checkpoint;
DROP TABLE audit_commitment;
DROP TABLE audit_entry;
