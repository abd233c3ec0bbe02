-- Certificates that others issued, for a company's seal or mail. Intended before the key is in the keystore; removed before it is deleted.
CREATE TABLE imported_certificate (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    key_label TEXT NOT NULL,
    key_home TEXT NOT NULL,
    certificate BYTEA NOT NULL,
    chain BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    email TEXT,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    imported_at BIGINT NOT NULL,
    removed_at BIGINT,
    key_deleted_at BIGINT
);
CREATE UNIQUE INDEX imported_certificate_once ON imported_certificate (fingerprint) WHERE state IN ('intended', 'active');
CREATE INDEX imported_certificate_company ON imported_certificate (company_id, id);
CREATE INDEX imported_certificate_ending ON imported_certificate (not_after) WHERE state = 'active';
CREATE INDEX imported_certificate_left ON imported_certificate (imported_at) WHERE state = 'intended';
CREATE INDEX imported_certificate_removed ON imported_certificate (id) WHERE state = 'removed' AND key_deleted_at IS NULL;
