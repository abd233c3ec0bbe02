-- Which process holds which release key, signed by the service's identity key. The key itself is in that process's memory only.
CREATE TABLE release_key (
    id BLOB NOT NULL PRIMARY KEY,
    notice BLOB NOT NULL,
    notice_signature BLOB NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX release_key_until ON release_key (until);
-- A released secret on its way to the process that can open it: sealed to that process, taken once, gone within the minute.
CREATE TABLE release (
    approval_id BLOB NOT NULL PRIMARY KEY,
    release_key_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX release_of_key ON release (release_key_id);
CREATE INDEX release_expires ON release (expires_at);
