-- Documents, their revisions, and the signatures on them. A revision's bytes are the previous ones plus its own increment.
CREATE TABLE document (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    employee_id BLOB NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    size_bytes INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    newest_revision INTEGER NOT NULL,
    uploaded_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX document_employee ON document (employee_id, id);

CREATE TABLE document_revision (
    document_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    increment BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (document_id, revision)
) STRICT;

CREATE TABLE signature (
    id BLOB NOT NULL PRIMARY KEY,
    document_id BLOB NOT NULL,
    employee_id BLOB NOT NULL,
    certificate_id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    reason TEXT,
    place TEXT,
    state TEXT NOT NULL,
    challenge_id BLOB,
    prepared BLOB,
    digest BLOB,
    attributes BLOB,
    cms BLOB,
    asked_at INTEGER NOT NULL,
    signed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX signature_document ON signature (document_id, id);
CREATE INDEX signature_state ON signature (state, asked_at);
