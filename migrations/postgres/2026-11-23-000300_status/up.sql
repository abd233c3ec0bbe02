-- When the world first saw a revocation, and whether what nodes keep in memory is stale.
ALTER TABLE certificate_status ADD COLUMN answered_at BIGINT;
ALTER TABLE certificate_status ADD COLUMN listed_at BIGINT;
UPDATE certificate_status SET answered_at = revoked_at WHERE state = 'revoked';
CREATE INDEX certificate_status_unanswered ON certificate_status (authority_id, serial) WHERE state = 'revoked' AND answered_at IS NULL;

-- One row. What is kept of the status is right while the number is the same.
CREATE TABLE status_generation (
    name TEXT NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL
);
INSERT INTO status_generation (name, generation) VALUES ('status', 1);
