-- When a person's phones were asked last: its row is what those who ask at once wait for, one after the other.
CREATE TABLE approval_ring (
    account_id BLOB NOT NULL PRIMARY KEY,
    rung_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
