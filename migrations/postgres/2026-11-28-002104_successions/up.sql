-- Changes from outside of who acts for a company: takeovers by its signatories, and new boards of associations.
CREATE TABLE succession (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    kind TEXT NOT NULL,
    asked_by UUID NOT NULL,
    asked_by_name TEXT NOT NULL,
    content BYTEA NOT NULL,
    state TEXT NOT NULL,
    needed BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    decided_by UUID,
    decided_by_name TEXT,
    decided_at BIGINT
);
CREATE INDEX succession_company ON succession (company_id, id);
CREATE INDEX succession_state ON succession (state, lapses_at);
-- One at a time in each company.
CREATE UNIQUE INDEX succession_open ON succession (company_id) WHERE state = 'asked';
CREATE UNIQUE INDEX succession_requested ON succession (company_id) WHERE state = 'requested';

-- What each signatory said to a takeover: over a link, or on a form that somebody saw.
CREATE TABLE succession_signature (
    succession_id UUID NOT NULL,
    signatory_id UUID NOT NULL,
    link_hash BYTEA NOT NULL,
    signed_at BIGINT,
    declined_at BIGINT,
    signed_on TEXT,
    seen_by UUID,
    seen_by_name TEXT,
    PRIMARY KEY (succession_id, signatory_id)
);
CREATE UNIQUE INDEX succession_signature_link ON succession_signature (link_hash);

-- The minutes of a change of board, sealed.
CREATE TABLE succession_minutes (
    succession_id UUID NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL,
    content BYTEA NOT NULL,
    kept_at BIGINT NOT NULL
);
