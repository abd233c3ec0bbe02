-- Documents that a company sealed: what was sealed, for which company and with which certificate; who asked stands in the audit. The document
-- itself is handed back, not kept.
CREATE TABLE sealed_document (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    certificate_id BLOB NOT NULL,
    state TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    signed_digest BLOB NOT NULL,
    sealed_hash BLOB,
    stamped_by TEXT,
    asked_at INTEGER NOT NULL,
    sealed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sealed_document_company ON sealed_document (company_id, asked_at);
