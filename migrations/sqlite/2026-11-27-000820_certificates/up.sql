-- The secret of a signing key under each phone of its person, beside the password's opener. It is sealed to the phone: nothing here opens it.
CREATE TABLE phone_opener (
    certificate_id BLOB NOT NULL,
    phone_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (certificate_id, phone_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_opener_phone ON phone_opener (phone_id);
-- Since when the secret is to be renewed: a phone that could open the key serves no more.
ALTER TABLE signing_key ADD COLUMN due_at INTEGER;
