ALTER TABLE certificate_status ADD COLUMN listed_at BIGINT;
UPDATE certificate_status SET listed_at = (SELECT listing.listed_at FROM listing WHERE listing.authority_id = certificate_status.authority_id
    AND listing.shard = certificate_status.shard AND listing.serial = certificate_status.serial)
WHERE state = 'revoked';
CREATE INDEX certificate_status_unlisted ON certificate_status (authority_id, revoked_at) WHERE state = 'revoked' AND listed_at IS NULL;
DROP TABLE listing;
