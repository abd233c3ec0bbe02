-- Why a log-in was refused, under the reference that the one who was refused can tell the help desk. The same closed door is written down once.
CREATE TABLE login_refusal (
    reference TEXT NOT NULL PRIMARY KEY,
    account_id BLOB,
    reason TEXT NOT NULL,
    network TEXT NOT NULL,
    at INTEGER NOT NULL,
    closed_door BLOB UNIQUE
) STRICT, WITHOUT ROWID;
CREATE INDEX login_refusal_at ON login_refusal (at);

-- The known device that a log-in began at: it decides how its request to the phone is counted.
ALTER TABLE login ADD COLUMN device_id BLOB;
