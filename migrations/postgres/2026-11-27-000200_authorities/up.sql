-- Further certificates for our issuing authorities, by another root: given out beside their own.
CREATE TABLE cross_certificate (
    id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    authority_id UUID NOT NULL,
    parent_id UUID NOT NULL,
    certificate BYTEA NOT NULL,
    brought_at BIGINT NOT NULL
);
