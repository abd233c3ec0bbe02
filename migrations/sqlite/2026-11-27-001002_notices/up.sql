-- Letters that wait for the printer, with the address that they were told to. sealed holds the letter under the keystore until it is posted.
CREATE TABLE letter (
    id BLOB NOT NULL PRIMARY KEY,
    recipient_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    class TEXT NOT NULL,
    name TEXT NOT NULL,
    postal_address TEXT,
    language TEXT NOT NULL,
    sealed BLOB,
    state TEXT NOT NULL,
    batch_id BLOB,
    ordered_by BLOB,
    told_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX letter_queued ON letter (state, class, id);
CREATE INDEX letter_of_batch ON letter (batch_id, state, id);
CREATE INDEX letter_changed ON letter (state, changed_at);

-- Which account ordered a letter: it never prints it.
ALTER TABLE message ADD COLUMN ordered_by BLOB;

-- What is printed in one go: letters of one class.
CREATE TABLE letter_batch (
    id BLOB NOT NULL PRIMARY KEY,
    class TEXT NOT NULL,
    letters INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    posted_at INTEGER
) STRICT, WITHOUT ROWID;

-- What could not be delivered, beside its recipient.
CREATE INDEX message_recipient ON message (recipient_id, state, id);
