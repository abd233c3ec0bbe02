-- How many blocks of token serial numbers were ever reserved: a block is used by one process, and never again after it.
CREATE TABLE timestamp_serial (
    name TEXT NOT NULL PRIMARY KEY,
    blocks BIGINT NOT NULL
);
