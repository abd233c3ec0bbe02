-- Changes of who may act for a company, that wait for a second administrator.
CREATE TABLE mandate (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    asked_by_name TEXT NOT NULL,
    content BLOB NOT NULL,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    -- When it is done without consent, where nobody can give it who could lately; NULL where it needs consent.
    performs_at INTEGER,
    -- Of the link by which those who were told of it refuse it meanwhile.
    stop_hash BLOB,
    decided_by BLOB,
    decided_by_name TEXT,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX mandate_company ON mandate (company_id, id);
CREATE INDEX mandate_state ON mandate (state, lapses_at);
CREATE INDEX mandate_due ON mandate (state, performs_at, id);
CREATE UNIQUE INDEX mandate_stop ON mandate (stop_hash);
-- One at a time in each company.
CREATE UNIQUE INDEX mandate_open ON mandate (company_id) WHERE state = 'asked';
