-- The append-only memory. body is the canonical bytes that are hashed; personal values stand in audit_commitment, salted.
CREATE TABLE audit_entry (
    id UUID NOT NULL PRIMARY KEY,
    recorded_at BIGINT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT NOT NULL,
    company_id UUID,
    body BYTEA NOT NULL,
    sequence BIGINT UNIQUE,
    hash BYTEA
);
CREATE INDEX audit_entry_subject ON audit_entry (subject, id);
CREATE INDEX audit_entry_action ON audit_entry (action, id);

CREATE TABLE audit_commitment (
    entry_id UUID NOT NULL,
    name TEXT NOT NULL,
    salt BYTEA NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (entry_id, name)
);

CREATE TABLE audit_checkpoint (
    sequence BIGINT NOT NULL PRIMARY KEY,
    head BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    token BYTEA
);
