-- The key pairs to which others are sealed: of persons (by account) and of signatories. The private half rests under a password.
CREATE TABLE holder_key (
    holder_id BLOB NOT NULL PRIMARY KEY,
    public_key BLOB NOT NULL,
    sealed BLOB NOT NULL,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A company's key, made anew when its holders change. Its private half is nowhere but in shares.
CREATE TABLE company_key (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    UNIQUE (company_id, generation)
) STRICT, WITHOUT ROWID;

-- Any two of a key's shares bring it back; each is sealed to its holder.
CREATE TABLE company_key_share (
    company_key_id BLOB NOT NULL,
    holder_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (company_key_id, holder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX company_key_share_holder ON company_key_share (holder_id);

-- Decryption keys with their whole history; never one that signs.
CREATE TABLE archived_key (
    certificate_id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    employee_id BLOB NOT NULL,
    company_id BLOB NOT NULL,
    spki_hash BLOB NOT NULL,
    archived_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX archived_key_account ON archived_key (account_id);
CREATE INDEX archived_key_employee ON archived_key (employee_id);

-- An archived key, sealed to one holder: its own person (by account), or a company's key.
CREATE TABLE archived_copy (
    certificate_id BLOB NOT NULL,
    holder_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    sealed_at INTEGER NOT NULL,
    PRIMARY KEY (certificate_id, holder_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX archived_copy_holder ON archived_copy (holder_id);
