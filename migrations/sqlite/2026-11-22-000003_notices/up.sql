-- Whom we can tell something, and what was told. sealed holds the message under the keystore.
CREATE TABLE contact (
    recipient_id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT,
    postal_address TEXT,
    language TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    id BLOB NOT NULL PRIMARY KEY,
    recipient_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    sealed BLOB,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX message_state ON message (state, created_at);
