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
    decided_by BLOB,
    decided_by_name TEXT,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX mandate_company ON mandate (company_id, id);
CREATE INDEX mandate_state ON mandate (state, lapses_at);
-- One at a time in each company.
CREATE UNIQUE INDEX mandate_open ON mandate (company_id) WHERE state = 'asked';
