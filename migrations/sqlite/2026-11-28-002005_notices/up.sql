-- Where somebody is called, and gets text messages; and since when it is that number.
CREATE TABLE telephone (
    recipient_id BLOB NOT NULL PRIMARY KEY,
    number TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
