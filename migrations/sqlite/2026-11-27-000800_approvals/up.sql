-- What people were asked on their phones, and what they answered. A request whose time was extended goes on in a new row under the same root.
CREATE TABLE approval (
    id BLOB NOT NULL PRIMARY KEY,
    root_id BLOB NOT NULL,
    account_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    consent TEXT NOT NULL,
    binding BLOB NOT NULL,
    state TEXT NOT NULL,
    slot INTEGER,
    number TEXT NOT NULL,
    qr BLOB NOT NULL,
    wrong INTEGER NOT NULL,
    extended INTEGER NOT NULL,
    session_id BLOB,
    network TEXT NOT NULL,
    payload BLOB NOT NULL,
    payload_signature BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    ended_at INTEGER,
    redeemed_at INTEGER,
    phone_id BLOB,
    decision BLOB,
    evidence BLOB
) STRICT, WITHOUT ROWID;
-- At most three of a person wait: each in a slot of its own, which is empty again when it has ended.
CREATE UNIQUE INDEX approval_slot ON approval (account_id, slot);
CREATE UNIQUE INDEX approval_root ON approval (root_id, extended);
CREATE INDEX approval_account ON approval (account_id, id);
-- What phones at other nodes look for.
CREATE INDEX approval_changed ON approval (changed_at);

-- Who said "this was not me", and has not shown password and second factor since.
CREATE TABLE signing_stop (
    account_id BLOB NOT NULL PRIMARY KEY,
    approval_id BLOB NOT NULL,
    stopped_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How long a person's own requests wait, where not as long as everybody's.
CREATE TABLE approval_limit (
    account_id BLOB NOT NULL PRIMARY KEY,
    seconds INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
