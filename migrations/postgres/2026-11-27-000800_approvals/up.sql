-- What people were asked on their phones, and what they answered. A request whose time was extended goes on in a new row under the same root.
CREATE TABLE approval (
    id UUID NOT NULL PRIMARY KEY,
    root_id UUID NOT NULL,
    account_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    consent TEXT NOT NULL,
    binding BYTEA NOT NULL,
    state TEXT NOT NULL,
    slot BIGINT,
    number TEXT NOT NULL,
    qr BYTEA NOT NULL,
    wrong BIGINT NOT NULL,
    extended BIGINT NOT NULL,
    session_id UUID,
    network TEXT NOT NULL,
    payload BYTEA NOT NULL,
    payload_signature BYTEA NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    ended_at BIGINT,
    redeemed_at BIGINT,
    phone_id UUID,
    decision BYTEA,
    evidence BYTEA
);
-- At most three of a person wait: each in a slot of its own, which is empty again when it has ended.
CREATE UNIQUE INDEX approval_slot ON approval (account_id, slot);
CREATE UNIQUE INDEX approval_root ON approval (root_id, extended);
CREATE INDEX approval_account ON approval (account_id, id);
-- What phones at other nodes look for.
CREATE INDEX approval_changed ON approval (changed_at);

-- Who said "this was not me", and has not shown password and second factor since.
CREATE TABLE signing_stop (
    account_id UUID NOT NULL PRIMARY KEY,
    approval_id UUID NOT NULL,
    stopped_at BIGINT NOT NULL
);

-- How long a person's own requests wait, where not as long as everybody's.
CREATE TABLE approval_limit (
    account_id UUID NOT NULL PRIMARY KEY,
    seconds BIGINT NOT NULL
);
