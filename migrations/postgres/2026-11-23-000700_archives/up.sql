-- The key pairs to which others are sealed: of persons (by account) and of signatories. The private half rests under a password.
CREATE TABLE holder_key (
    holder_id UUID NOT NULL PRIMARY KEY,
    public_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);

-- A company's key, made anew when its holders change. Its private half is nowhere but in shares.
CREATE TABLE company_key (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    generation BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    UNIQUE (company_id, generation)
);

-- Any two of a key's shares bring it back; each is sealed to its holder.
CREATE TABLE company_key_share (
    company_key_id UUID NOT NULL,
    holder_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (company_key_id, holder_id)
);
CREATE INDEX company_key_share_holder ON company_key_share (holder_id);

-- Decryption keys with their whole history; never one that signs.
CREATE TABLE archived_key (
    certificate_id UUID NOT NULL PRIMARY KEY,
    account_id UUID NOT NULL,
    employee_id UUID NOT NULL,
    company_id UUID NOT NULL,
    spki_hash BYTEA NOT NULL,
    archived_at BIGINT NOT NULL
);
CREATE INDEX archived_key_account ON archived_key (account_id);
CREATE INDEX archived_key_employee ON archived_key (employee_id);

-- An archived key, sealed to one holder: its own person (by account), or a company's key.
CREATE TABLE archived_copy (
    certificate_id UUID NOT NULL,
    holder_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    sealed_at BIGINT NOT NULL,
    PRIMARY KEY (certificate_id, holder_id)
);
CREATE INDEX archived_copy_holder ON archived_copy (holder_id);
