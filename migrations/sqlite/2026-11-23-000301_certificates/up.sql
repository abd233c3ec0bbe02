-- Codes that revoke without a login, and the wrong ones that were tried.
-- Several certificates that were issued together share a code.
CREATE TABLE revocation_code (
    certificate_id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX revocation_code_hash ON revocation_code (hash);

CREATE TABLE revocation_try (
    network TEXT NOT NULL PRIMARY KEY,
    wrong INTEGER NOT NULL,
    began_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
