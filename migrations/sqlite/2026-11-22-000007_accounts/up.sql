-- User ids, passwords, first activations; operators are accounts with roles.
CREATE TABLE account (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT UNIQUE,
    salt BLOB,
    verifier BLOB,
    hashing TEXT,
    roles TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE account_attempt (
    account_id BLOB NOT NULL,
    network TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    day_began_at INTEGER NOT NULL,
    day_wrong INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    closed_until INTEGER,
    proven_at INTEGER,
    PRIMARY KEY (account_id, network)
) STRICT, WITHOUT ROWID;

CREATE TABLE activation (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    link_hash BLOB NOT NULL UNIQUE,
    code_verifier BLOB,
    tries INTEGER NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX activation_account ON activation (account_id, state);
