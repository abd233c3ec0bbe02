-- Addresses of before, under ids of their own, so that they can be told of what happens soon after the change.
CREATE TABLE former_contact (
    former_id BLOB NOT NULL PRIMARY KEY,
    recipient_id BLOB NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX former_contact_recipient ON former_contact (recipient_id, changed_at);
