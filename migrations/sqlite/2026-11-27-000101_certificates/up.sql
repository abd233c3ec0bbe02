-- Certificates that others issued, for a company's seal or mail. Intended before the key is in the keystore; removed before it is deleted.
CREATE TABLE imported_certificate (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    key_label TEXT NOT NULL,
    key_home TEXT NOT NULL,
    certificate BLOB NOT NULL,
    chain BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    email TEXT,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    imported_at INTEGER NOT NULL,
    removed_at INTEGER,
    key_deleted_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX imported_certificate_once ON imported_certificate (fingerprint) WHERE state IN ('intended', 'active');
CREATE INDEX imported_certificate_company ON imported_certificate (company_id, id);
CREATE INDEX imported_certificate_ending ON imported_certificate (not_after) WHERE state = 'active';
CREATE INDEX imported_certificate_left ON imported_certificate (imported_at) WHERE state = 'intended';
CREATE INDEX imported_certificate_removed ON imported_certificate (id) WHERE state = 'removed' AND key_deleted_at IS NULL;
