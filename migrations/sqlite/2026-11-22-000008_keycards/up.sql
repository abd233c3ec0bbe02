-- Printed key cards: a sealed secret each; only keys that were asked for have rows.
CREATE TABLE keycard (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    number TEXT NOT NULL UNIQUE,
    key_numbers TEXT NOT NULL,
    sealed BLOB NOT NULL,
    state TEXT NOT NULL,
    keys_left INTEGER NOT NULL,
    wrong INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    asked_at INTEGER,
    fetched_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX keycard_account ON keycard (account_id, state);

CREATE TABLE keycard_key (
    card_id BLOB NOT NULL,
    key_number TEXT NOT NULL,
    state TEXT NOT NULL,
    wrong INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (card_id, key_number)
) STRICT, WITHOUT ROWID;

CREATE TABLE keycard_challenge (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    card_id BLOB NOT NULL,
    key_number TEXT NOT NULL,
    purpose TEXT NOT NULL,
    binding BLOB NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keycard_challenge_account ON keycard_challenge (account_id, state);
CREATE INDEX keycard_challenge_card ON keycard_challenge (card_id, key_number);
