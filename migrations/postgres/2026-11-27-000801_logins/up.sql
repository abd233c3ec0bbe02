-- A log-in asks the card, the phone, or both. It lives for minutes: those on their way begin again.
DROP TABLE login;
CREATE TABLE login (
    id UUID NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    account_id UUID NOT NULL,
    challenge_id UUID,
    approval_id UUID,
    session_id UUID,
    network TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
-- What is forgotten by age.
CREATE INDEX login_expires ON login (expires_at);
