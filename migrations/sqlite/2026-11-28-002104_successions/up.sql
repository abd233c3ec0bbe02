-- Changes from outside of who acts for a company: takeovers by its signatories, and new boards of associations. requested_by: the signatory whose
-- address was typed, where nobody was logged in; link_hash: of the link that takes such a one back. ready_at: when a takeover that an operator
-- alone recorded on paper is done, unless a signatory refuses it.
CREATE TABLE succession (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    asked_by BLOB NOT NULL,
    asked_by_name TEXT NOT NULL,
    requested_by BLOB,
    link_hash BLOB,
    opened_by BLOB,
    opened_by_name TEXT,
    content BLOB NOT NULL,
    state TEXT NOT NULL,
    needed INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    ready_at INTEGER,
    decided_by BLOB,
    decided_by_name TEXT,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX succession_company ON succession (company_id, id);
CREATE INDEX succession_state ON succession (state, lapses_at);
-- One at a time in each company; of requests one of each address, so that a false one keeps no right one out.
CREATE UNIQUE INDEX succession_open ON succession (company_id) WHERE state = 'asked';
CREATE UNIQUE INDEX succession_requested ON succession (company_id, requested_by) WHERE state = 'requested';
CREATE UNIQUE INDEX succession_link ON succession (link_hash);

-- What each signatory said to a takeover: over a link, or on a form that somebody saw. sent: how often the link was sent again since sent_at.
CREATE TABLE succession_signature (
    succession_id BLOB NOT NULL,
    signatory_id BLOB NOT NULL,
    link_hash BLOB NOT NULL,
    signed_at INTEGER,
    declined_at INTEGER,
    signed_on TEXT,
    seen_by BLOB,
    seen_by_name TEXT,
    sent INTEGER NOT NULL,
    sent_at INTEGER NOT NULL,
    PRIMARY KEY (succession_id, signatory_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX succession_signature_link ON succession_signature (link_hash);

-- The minutes of a change of board, sealed.
CREATE TABLE succession_minutes (
    succession_id BLOB NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL,
    content BLOB NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The scan of a form that was recorded, sealed.
CREATE TABLE succession_form (
    succession_id BLOB NOT NULL,
    signatory_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    content BLOB NOT NULL,
    kept_at INTEGER NOT NULL,
    PRIMARY KEY (succession_id, signatory_id)
) STRICT, WITHOUT ROWID;
