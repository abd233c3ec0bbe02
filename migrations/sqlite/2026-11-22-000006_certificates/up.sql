-- Intended before they are signed; nothing is ever signed that is not here.
CREATE TABLE certificate (
    id BLOB NOT NULL PRIMARY KEY,
    authority_id BLOB NOT NULL,
    serial BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    profile TEXT NOT NULL,
    account_id BLOB,
    employee_id BLOB,
    company_id BLOB,
    subject TEXT NOT NULL,
    email TEXT,
    key_label TEXT,
    state TEXT NOT NULL,
    tbs BLOB NOT NULL,
    certificate BLOB,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    intended_at INTEGER NOT NULL,
    activated_at INTEGER,
    revoked_at INTEGER,
    reason TEXT,
    UNIQUE (authority_id, serial),
    UNIQUE (authority_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_employee ON certificate (employee_id, id);
CREATE INDEX certificate_company ON certificate (company_id, id);
CREATE INDEX certificate_account ON certificate (account_id);
CREATE INDEX certificate_serial ON certificate (serial);
CREATE INDEX certificate_state ON certificate (state, intended_at);

CREATE TABLE signing_key (
    certificate_id BLOB NOT NULL PRIMARY KEY,
    salt BLOB NOT NULL,
    spki_hash BLOB NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_opener (
    certificate_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (certificate_id, kind)
) STRICT, WITHOUT ROWID;

-- Of encryption certificates: kept with history, opened by the keystore alone, never for signing.
CREATE TABLE encryption_key (
    certificate_id BLOB NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
