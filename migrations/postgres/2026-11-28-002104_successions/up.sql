-- Changes from outside of who acts for a company: takeovers by its signatories, and new boards of associations. requested_by: the signatory whose
-- address was typed, where nobody was logged in; link_hash: of the link that takes such a one back. ready_at: when a takeover that an operator
-- alone recorded on paper is done, unless a signatory refuses it.
CREATE TABLE succession (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    kind TEXT NOT NULL,
    asked_by UUID NOT NULL,
    asked_by_name TEXT NOT NULL,
    requested_by UUID,
    link_hash BYTEA,
    opened_by UUID,
    opened_by_name TEXT,
    content BYTEA NOT NULL,
    state TEXT NOT NULL,
    needed BIGINT NOT NULL,
    pending BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    ready_at BIGINT,
    decided_by UUID,
    decided_by_name TEXT,
    decided_at BIGINT
);
CREATE INDEX succession_company ON succession (company_id, id);
CREATE INDEX succession_state ON succession (state, lapses_at);
-- One at a time in each company; of requests one of each address, so that a false one keeps no right one out.
CREATE UNIQUE INDEX succession_open ON succession (company_id) WHERE state = 'asked';
CREATE UNIQUE INDEX succession_requested ON succession (company_id, requested_by) WHERE state = 'requested';
CREATE UNIQUE INDEX succession_link ON succession (link_hash);

-- What each signatory said to a takeover: over a link, or on a form that somebody saw. sent: how often the link was sent again since sent_at.
CREATE TABLE succession_signature (
    succession_id UUID NOT NULL,
    signatory_id UUID NOT NULL,
    link_hash BYTEA NOT NULL,
    signed_at BIGINT,
    declined_at BIGINT,
    signed_on TEXT,
    seen_by UUID,
    seen_by_name TEXT,
    sent BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
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

-- The scan of a form that was recorded, sealed.
CREATE TABLE succession_form (
    succession_id UUID NOT NULL,
    signatory_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    content BYTEA NOT NULL,
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (succession_id, signatory_id)
);
