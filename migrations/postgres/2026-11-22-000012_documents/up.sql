-- Documents, their revisions, and the signatures on them. A revision's bytes are the previous ones plus its own increment.
CREATE TABLE document (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    employee_id UUID NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    content_hash BYTEA NOT NULL,
    size_bytes BIGINT NOT NULL,
    pages BIGINT NOT NULL,
    newest_revision BIGINT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX document_employee ON document (employee_id, id);

CREATE TABLE document_revision (
    document_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    increment BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (document_id, revision)
);

CREATE TABLE signature (
    id UUID NOT NULL PRIMARY KEY,
    document_id UUID NOT NULL,
    employee_id UUID NOT NULL,
    certificate_id UUID NOT NULL,
    revision BIGINT NOT NULL,
    reason TEXT,
    place TEXT,
    state TEXT NOT NULL,
    challenge_id UUID,
    prepared BYTEA,
    digest BYTEA,
    attributes BYTEA,
    cms BYTEA,
    asked_at BIGINT NOT NULL,
    signed_at BIGINT
);
CREATE INDEX signature_document ON signature (document_id, id);
CREATE INDEX signature_state ON signature (state, asked_at);
