CREATE TABLE audit_entry_kept (
    id BLOB NOT NULL PRIMARY KEY,
    recorded_at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    company_id BLOB,
    body BLOB NOT NULL,
    sequence INTEGER UNIQUE,
    hash BLOB,
    account_id BLOB
) STRICT, WITHOUT ROWID;
INSERT INTO audit_entry_kept (id, recorded_at, action, actor, subject, company_id, body, sequence, hash, account_id)
SELECT id, recorded_at, action, actor, subject, company_id, body, sequence, hash, account_id FROM audit_entry;
DROP TABLE audit_entry;
ALTER TABLE audit_entry_kept RENAME TO audit_entry;
CREATE INDEX audit_entry_subject ON audit_entry (subject, id);
CREATE INDEX audit_entry_action ON audit_entry (action, id);
CREATE INDEX audit_entry_waiting ON audit_entry (id) WHERE sequence IS NULL;
CREATE INDEX audit_entry_account ON audit_entry (account_id, id) WHERE account_id IS NOT NULL;
