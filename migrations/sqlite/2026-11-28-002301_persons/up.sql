-- Signatures that one person has shown to own: those that name the same person. Nothing else is known of that person.
CREATE TABLE person_signature (
    account_id BLOB NOT NULL PRIMARY KEY,
    person_id BLOB NOT NULL,
    linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX person_signature_person ON person_signature (person_id, account_id);

-- A signature whose owner is about to log in with another of theirs: one of each account, under the hash of what that browser or program holds.
CREATE TABLE person_link (
    account_id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX person_link_token ON person_link (token_hash);
