-- The append-only memory. body is the canonical bytes that are hashed; personal values stand in audit_commitment, salted.
CREATE TABLE audit_entry (
    id BLOB NOT NULL PRIMARY KEY,
    recorded_at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    company_id BLOB,
    body BLOB NOT NULL,
    sequence INTEGER UNIQUE,
    hash BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_entry_subject ON audit_entry (subject, id);
CREATE INDEX audit_entry_action ON audit_entry (action, id);

CREATE TABLE audit_commitment (
    entry_id BLOB NOT NULL,
    name TEXT NOT NULL,
    salt BLOB NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entry_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_checkpoint (
    sequence INTEGER NOT NULL PRIMARY KEY,
    head BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    body BLOB NOT NULL,
    signature BLOB NOT NULL,
    token BLOB
) STRICT, WITHOUT ROWID;
