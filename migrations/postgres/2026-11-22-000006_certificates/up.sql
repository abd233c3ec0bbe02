-- Intended before they are signed; nothing is ever signed that is not here.
CREATE TABLE certificate (
    id UUID NOT NULL PRIMARY KEY,
    authority_id UUID NOT NULL,
    serial BYTEA NOT NULL,
    ordinal BIGINT NOT NULL,
    profile TEXT NOT NULL,
    account_id UUID,
    employee_id UUID,
    company_id UUID,
    subject TEXT NOT NULL,
    email TEXT,
    key_label TEXT,
    state TEXT NOT NULL,
    tbs BYTEA NOT NULL,
    certificate BYTEA,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    intended_at BIGINT NOT NULL,
    activated_at BIGINT,
    revoked_at BIGINT,
    reason TEXT,
    UNIQUE (authority_id, serial),
    UNIQUE (authority_id, ordinal)
);
CREATE INDEX certificate_employee ON certificate (employee_id, id);
CREATE INDEX certificate_company ON certificate (company_id, id);
CREATE INDEX certificate_account ON certificate (account_id);
CREATE INDEX certificate_serial ON certificate (serial);
CREATE INDEX certificate_state ON certificate (state, intended_at);

CREATE TABLE signing_key (
    certificate_id UUID NOT NULL PRIMARY KEY,
    salt BYTEA NOT NULL,
    spki_hash BYTEA NOT NULL,
    sealed BYTEA NOT NULL
);

CREATE TABLE key_opener (
    certificate_id UUID NOT NULL,
    kind TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (certificate_id, kind)
);

-- Of encryption certificates: kept with history, opened by the keystore alone, never for signing.
CREATE TABLE encryption_key (
    certificate_id UUID NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL
);
