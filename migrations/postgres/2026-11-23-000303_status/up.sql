-- What the checker last found when it compared lists, rows and OCSP answers.
CREATE TABLE status_check (
    authority_id UUID NOT NULL PRIMARY KEY,
    checked_at BIGINT NOT NULL,
    lists BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    finding TEXT,
    place TEXT
);
CREATE INDEX certificate_status_unlisted ON certificate_status (authority_id, revoked_at) WHERE state = 'revoked' AND listed_at IS NULL;
