-- Whom an entry is about, so that people read what was done in their name; not hashed: it follows from the body. Older entries are found by subject.
ALTER TABLE audit_entry ADD COLUMN account_id UUID;
CREATE INDEX audit_entry_account ON audit_entry (account_id, id) WHERE account_id IS NOT NULL;
