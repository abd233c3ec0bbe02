-- Paired phones. A row is made when the person has confirmed; what goes before rests in phone_pairing for some minutes.
CREATE TABLE phone (
    id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_key BYTEA NOT NULL,
    agree_key BYTEA NOT NULL,
    protection TEXT NOT NULL,
    claimed_protection TEXT NOT NULL,
    attestation BYTEA,
    record BYTEA NOT NULL,
    record_signature BYTEA NOT NULL,
    token_hash BYTEA,
    cancel_hash BYTEA UNIQUE,
    pin_key_hash BYTEA,
    share BYTEA,
    next_pin_key_hash BYTEA,
    next_share BYTEA,
    wrong_pins BIGINT NOT NULL,
    nonce BYTEA,
    nonce_until BIGINT,
    offline BYTEA,
    offline_step BIGINT NOT NULL,
    wrong_offline BIGINT NOT NULL,
    wake BYTEA,
    language TEXT NOT NULL,
    paired_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL,
    seen_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX phone_account ON phone (account_id, state);

-- A pairing on its way. `sealed` holds token, code and share; only the keystore opens it.
CREATE TABLE phone_pairing (
    phone_id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    session_id UUID NOT NULL,
    scanned_lookup BYTEA NOT NULL UNIQUE,
    typed_lookup BYTEA NOT NULL UNIQUE,
    sealed BYTEA NOT NULL,
    company TEXT NOT NULL,
    person TEXT NOT NULL,
    user_name TEXT NOT NULL,
    state TEXT NOT NULL,
    way TEXT,
    claim BYTEA,
    claim_hash BYTEA,
    protection TEXT,
    answer BYTEA,
    nonce BYTEA,
    registered BYTEA,
    registered_signature BYTEA,
    challenge_id UUID,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX phone_pairing_account ON phone_pairing (account_id, state);
-- What is forgotten by age.
CREATE INDEX phone_pairing_expires ON phone_pairing (expires_at);

-- Whoever changes a person's phones takes this row first, so that nobody has a fourth.
CREATE TABLE phone_owner (
    account_id UUID NOT NULL PRIMARY KEY,
    changed_at BIGINT NOT NULL
);

-- Wrong tries at pairings, by network.
CREATE TABLE phone_try (
    network TEXT NOT NULL PRIMARY KEY,
    wrong BIGINT NOT NULL,
    began_at BIGINT NOT NULL
);
CREATE INDEX phone_try_began ON phone_try (began_at);
