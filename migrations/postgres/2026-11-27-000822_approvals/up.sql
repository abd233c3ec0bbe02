-- Which process holds which release key, signed by the service's identity key. The key itself is in that process's memory only.
CREATE TABLE release_key (
    id UUID NOT NULL PRIMARY KEY,
    notice BYTEA NOT NULL,
    notice_signature BYTEA NOT NULL,
    until BIGINT NOT NULL
);
CREATE INDEX release_key_until ON release_key (until);
-- A released secret on its way to the process that can open it: sealed to that process, taken once, gone within the minute.
CREATE TABLE release (
    approval_id UUID NOT NULL PRIMARY KEY,
    release_key_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX release_of_key ON release (release_key_id);
CREATE INDEX release_expires ON release (expires_at);
