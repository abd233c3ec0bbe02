-- Codes that revoke without a login, and the wrong ones that were tried.
-- Several certificates that were issued together share a code.
CREATE TABLE revocation_code (
    certificate_id UUID NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX revocation_code_hash ON revocation_code (hash);

CREATE TABLE revocation_try (
    network TEXT NOT NULL PRIMARY KEY,
    wrong BIGINT NOT NULL,
    began_at BIGINT NOT NULL
);
