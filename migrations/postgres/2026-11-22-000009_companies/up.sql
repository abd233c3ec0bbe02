-- Companies and associations, who may sign for them, who administers them.
CREATE TABLE company (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    cvr TEXT UNIQUE,
    legal_name TEXT NOT NULL,
    search_name TEXT COLLATE "C" NOT NULL,
    certificate_name TEXT NOT NULL,
    street TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    pending BIGINT NOT NULL,
    administrators BIGINT NOT NULL,
    nominee_given_name TEXT,
    nominee_surname TEXT,
    nominee_email TEXT,
    registered_at BIGINT NOT NULL,
    activated_at BIGINT
);
CREATE INDEX company_search ON company (search_name, id);

CREATE TABLE signatory (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    link_hash BYTEA UNIQUE,
    link_expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    agreement_hash BYTEA
);
CREATE INDEX signatory_company ON signatory (company_id, id);

-- The very text that was agreed to, by its SHA-256.
CREATE TABLE agreement (
    hash BYTEA NOT NULL PRIMARY KEY,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    content BYTEA NOT NULL,
    kept_at BIGINT NOT NULL
);

CREATE TABLE administrator (
    company_id UUID NOT NULL,
    employee_id UUID NOT NULL,
    appointed_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (company_id, employee_id)
);
