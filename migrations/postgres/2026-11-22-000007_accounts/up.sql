-- User ids, passwords, first activations; operators are accounts with roles.
CREATE TABLE account (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT UNIQUE,
    salt BYTEA,
    verifier BYTEA,
    hashing TEXT,
    roles TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE account_attempt (
    account_id UUID NOT NULL,
    network TEXT NOT NULL,
    wrong BIGINT NOT NULL,
    day_began_at BIGINT NOT NULL,
    day_wrong BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    closed_until BIGINT,
    proven_at BIGINT,
    PRIMARY KEY (account_id, network)
);

CREATE TABLE activation (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    link_hash BYTEA NOT NULL UNIQUE,
    code_verifier BYTEA,
    tries BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX activation_account ON activation (account_id, state);
