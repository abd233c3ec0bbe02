-- Whose each certified key is; one that was compromised is nobody's any more. Never deleted.
CREATE TABLE certified_key (
    spki_hash BLOB NOT NULL PRIMARY KEY,
    bearer TEXT NOT NULL,
    certified_at INTEGER NOT NULL,
    compromised_at INTEGER
) STRICT, WITHOUT ROWID;
-- The first release wrote this word for the family that it had.
UPDATE authority SET family = 'default' WHERE family = 'ecdsa';
