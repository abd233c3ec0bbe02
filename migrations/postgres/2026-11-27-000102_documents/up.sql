-- Documents that a company sealed: what was sealed, for which company and with which certificate; who asked stands in the audit. The document
-- itself is handed back, not kept.
CREATE TABLE sealed_document (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    certificate_id UUID NOT NULL,
    state TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    signed_digest BYTEA NOT NULL,
    sealed_hash BYTEA,
    stamped_by TEXT,
    asked_at BIGINT NOT NULL,
    sealed_at BIGINT
);
CREATE INDEX sealed_document_company ON sealed_document (company_id, asked_at);
