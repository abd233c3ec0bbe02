-- Certificates that are intended and wait: none is signed before its time.
CREATE TABLE certificate_hold (
    certificate_id BLOB NOT NULL PRIMARY KEY,
    held_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
