-- A log-in asks the card, the phone, or both. It lives for minutes: those on their way begin again.
DROP TABLE login;
CREATE TABLE login (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    account_id BLOB NOT NULL,
    challenge_id BLOB,
    approval_id BLOB,
    session_id BLOB,
    network TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What is forgotten by age.
CREATE INDEX login_expires ON login (expires_at);
