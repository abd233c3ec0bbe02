-- Changes of who may act for a company, that wait for a second administrator.
CREATE TABLE mandate (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    asked_by_name TEXT NOT NULL,
    content BYTEA NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    -- When it is done without consent, where nobody can give it who could lately; NULL where it needs consent.
    performs_at BIGINT,
    -- Of the link by which those who were told of it refuse it meanwhile.
    stop_hash BYTEA,
    decided_by UUID,
    decided_by_name TEXT,
    decided_at BIGINT
);
CREATE INDEX mandate_company ON mandate (company_id, id);
CREATE INDEX mandate_state ON mandate (state, lapses_at);
CREATE INDEX mandate_due ON mandate (state, performs_at, id);
CREATE UNIQUE INDEX mandate_stop ON mandate (stop_hash);
-- One at a time in each company.
CREATE UNIQUE INDEX mandate_open ON mandate (company_id) WHERE state = 'asked';
