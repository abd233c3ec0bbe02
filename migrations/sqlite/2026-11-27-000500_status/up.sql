-- When a list first named a revoked certificate: side by side for each list, and no more scattered over the status of all certificates.
CREATE TABLE listing (
    authority_id BLOB NOT NULL,
    shard INTEGER NOT NULL,
    serial BLOB NOT NULL,
    listed_at INTEGER NOT NULL,
    PRIMARY KEY (authority_id, shard, serial)
) STRICT, WITHOUT ROWID;
INSERT INTO listing (authority_id, shard, serial, listed_at)
SELECT authority_id, shard, serial, listed_at FROM certificate_status WHERE state = 'revoked' AND listed_at IS NOT NULL
ORDER BY authority_id, shard, serial;
DROP INDEX certificate_status_unlisted;
ALTER TABLE certificate_status DROP COLUMN listed_at;
