-- The identity keys that phones pin, from the second on: each with its first message, which names the one after it.
CREATE TABLE phone_identity (
    generation INTEGER NOT NULL PRIMARY KEY,
    public_key BLOB NOT NULL,
    succession BLOB NOT NULL,
    succession_signature BLOB NOT NULL,
    begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
