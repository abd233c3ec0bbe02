-- CA certificates and their key handles.
CREATE TABLE authority (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    family TEXT NOT NULL,
    parent_id BLOB,
    certificate BLOB NOT NULL,
    key_label TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    next_ordinal INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
