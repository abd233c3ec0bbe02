-- Companies and associations, who may sign for them, who administers them.
CREATE TABLE company (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    cvr TEXT UNIQUE,
    legal_name TEXT NOT NULL,
    search_name TEXT NOT NULL,
    certificate_name TEXT NOT NULL,
    street TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    pending INTEGER NOT NULL,
    administrators INTEGER NOT NULL,
    nominee_given_name TEXT,
    nominee_surname TEXT,
    nominee_email TEXT,
    registered_at INTEGER NOT NULL,
    activated_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX company_search ON company (search_name, id);

CREATE TABLE signatory (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    link_hash BLOB UNIQUE,
    link_expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    agreement_hash BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX signatory_company ON signatory (company_id, id);

-- The very text that was agreed to, by its SHA-256.
CREATE TABLE agreement (
    hash BLOB NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    content BLOB NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE administrator (
    company_id BLOB NOT NULL,
    employee_id BLOB NOT NULL,
    appointed_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (company_id, employee_id)
) STRICT, WITHOUT ROWID;
