-- Browsers and programs in which a person has logged in with password and second factor: each keeps a count of wrong passwords of its own.
CREATE TABLE device (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    kind TEXT NOT NULL,
    network TEXT NOT NULL,
    known_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    UNIQUE (token_hash, account_id)
);
CREATE INDEX device_account ON device (account_id, seen_at);

-- What a person was told of wrong passwords, and when: many networks do not flood a mailbox.
CREATE TABLE account_warning (
    account_id UUID NOT NULL,
    kind TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);

-- Whose count it is: an unknown device's by its network, a known one's, or one within sessions. A right password alone makes no network known.
ALTER TABLE account_attempt ADD COLUMN place TEXT NOT NULL DEFAULT 'network';
DROP INDEX account_attempt_last;
ALTER TABLE account_attempt DROP COLUMN proven_at;
CREATE INDEX account_attempt_last ON account_attempt (last_at);
