-- What the checker last found when it compared lists, rows and OCSP answers.
CREATE TABLE status_check (
    authority_id BLOB NOT NULL PRIMARY KEY,
    checked_at INTEGER NOT NULL,
    lists INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    finding TEXT,
    place TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_status_unlisted ON certificate_status (authority_id, revoked_at) WHERE state = 'revoked' AND listed_at IS NULL;
