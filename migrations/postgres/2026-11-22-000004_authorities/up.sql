-- CA certificates and their key handles.
CREATE TABLE authority (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    family TEXT NOT NULL,
    parent_id UUID,
    certificate BYTEA NOT NULL,
    key_label TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    next_ordinal BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
