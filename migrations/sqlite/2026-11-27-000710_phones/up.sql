-- Paired phones. A row is made when the person has confirmed; what goes before rests in phone_pairing for some minutes.
CREATE TABLE phone (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    sign_key BLOB NOT NULL,
    agree_key BLOB NOT NULL,
    protection TEXT NOT NULL,
    claimed_protection TEXT NOT NULL,
    attestation BLOB,
    record BLOB NOT NULL,
    record_signature BLOB NOT NULL,
    token_hash BLOB,
    cancel_hash BLOB UNIQUE,
    pin_key_hash BLOB,
    share BLOB,
    next_pin_key_hash BLOB,
    next_share BLOB,
    wrong_pins INTEGER NOT NULL,
    nonce BLOB,
    nonce_until INTEGER,
    offline BLOB,
    offline_step INTEGER NOT NULL,
    wrong_offline INTEGER NOT NULL,
    wake BLOB,
    language TEXT NOT NULL,
    paired_at INTEGER NOT NULL,
    signs_from INTEGER NOT NULL,
    seen_at INTEGER,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_account ON phone (account_id, state);

-- A pairing on its way. `sealed` holds token, code and share; only the keystore opens it.
CREATE TABLE phone_pairing (
    phone_id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    scanned_lookup BLOB NOT NULL UNIQUE,
    typed_lookup BLOB NOT NULL UNIQUE,
    sealed BLOB NOT NULL,
    company TEXT NOT NULL,
    person TEXT NOT NULL,
    user_name TEXT NOT NULL,
    state TEXT NOT NULL,
    way TEXT,
    claim BLOB,
    claim_hash BLOB,
    protection TEXT,
    answer BLOB,
    nonce BLOB,
    registered BLOB,
    registered_signature BLOB,
    challenge_id BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_pairing_account ON phone_pairing (account_id, state);
-- What is forgotten by age.
CREATE INDEX phone_pairing_expires ON phone_pairing (expires_at);

-- Whoever changes a person's phones takes this row first, so that nobody has a fourth.
CREATE TABLE phone_owner (
    account_id BLOB NOT NULL PRIMARY KEY,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong tries at pairings, by network.
CREATE TABLE phone_try (
    network TEXT NOT NULL PRIMARY KEY,
    wrong INTEGER NOT NULL,
    began_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_try_began ON phone_try (began_at);
