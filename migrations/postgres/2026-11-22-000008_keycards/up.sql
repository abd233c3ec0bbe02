-- Printed key cards: a sealed secret each; only keys that were asked for have rows.
CREATE TABLE keycard (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    number TEXT NOT NULL UNIQUE,
    key_numbers TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    state TEXT NOT NULL,
    keys_left BIGINT NOT NULL,
    wrong BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    asked_at BIGINT,
    fetched_at BIGINT
);
CREATE INDEX keycard_account ON keycard (account_id, state);

CREATE TABLE keycard_key (
    card_id UUID NOT NULL,
    key_number TEXT NOT NULL,
    state TEXT NOT NULL,
    wrong BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (card_id, key_number)
);

CREATE TABLE keycard_challenge (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    card_id UUID NOT NULL,
    key_number TEXT NOT NULL,
    purpose TEXT NOT NULL,
    binding BYTEA NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX keycard_challenge_account ON keycard_challenge (account_id, state);
CREATE INDEX keycard_challenge_card ON keycard_challenge (card_id, key_number);
