-- When a person's cards changed last: its row is what those who order at once wait for, one after the other, also when there is no card yet.
CREATE TABLE keycard_owner (
    account_id BLOB NOT NULL PRIMARY KEY,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How often a network tried to block a lost card without logging in: so often in an hour.
CREATE TABLE keycard_lost_try (
    network TEXT NOT NULL PRIMARY KEY,
    tries INTEGER NOT NULL,
    began_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keycard_lost_try_began ON keycard_lost_try (began_at);
