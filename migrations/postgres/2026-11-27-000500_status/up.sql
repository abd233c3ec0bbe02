-- When a list first named a revoked certificate: side by side for each list, and no more scattered over the status of all certificates.
CREATE TABLE listing (
    authority_id UUID NOT NULL,
    shard BIGINT NOT NULL,
    serial BYTEA NOT NULL,
    listed_at BIGINT NOT NULL,
    PRIMARY KEY (authority_id, shard, serial)
);
INSERT INTO listing (authority_id, shard, serial, listed_at)
SELECT authority_id, shard, serial, listed_at FROM certificate_status WHERE state = 'revoked' AND listed_at IS NOT NULL
ORDER BY authority_id, shard, serial;
DROP INDEX certificate_status_unlisted;
ALTER TABLE certificate_status DROP COLUMN listed_at;
