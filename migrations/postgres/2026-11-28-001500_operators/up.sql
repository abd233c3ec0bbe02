-- What one operator asks and another consents to: an invitation, other roles, an end. For an invitation, the account that it will make, and
-- until it ends what that needs: the mailed link, sealed, and what recognises the temporary password.
CREATE TABLE operator_change (
    id UUID NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    account_id UUID NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    language TEXT NOT NULL,
    roles TEXT NOT NULL,
    asked_by UUID NOT NULL,
    asked_by_name TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    effective_at BIGINT,
    link_hash BYTEA,
    code_verifier BYTEA,
    sealed BYTEA,
    decided_by UUID,
    decided_by_name TEXT,
    ended_at BIGINT
);
-- One at a time about each person.
CREATE UNIQUE INDEX operator_change_open ON operator_change (subject) WHERE state = 'asked';
