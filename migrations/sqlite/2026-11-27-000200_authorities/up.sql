-- Further certificates for our issuing authorities, by another root: given out beside their own.
CREATE TABLE cross_certificate (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    authority_id BLOB NOT NULL,
    parent_id BLOB NOT NULL,
    certificate BLOB NOT NULL,
    brought_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
