-- Code tokens (OATH), from the stock to their end. The seed is sealed by the keystore. counter is the first counter, or step of time, that is still
-- taken; drift is how many steps the token's clock is ahead of ours. company_id: whose administrators alone may give it out; none: any may.
CREATE TABLE code_token (
    id UUID NOT NULL PRIMARY KEY,
    serial TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    hash_kind TEXT NOT NULL,
    digits BIGINT NOT NULL,
    period BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    counter BIGINT NOT NULL,
    drift BIGINT NOT NULL,
    state TEXT NOT NULL,
    account_id UUID,
    company_id UUID,
    wrong BIGINT NOT NULL,
    closed_until BIGINT,
    imported_at BIGINT NOT NULL,
    assigned_at BIGINT,
    life_until BIGINT,
    used_at BIGINT,
    price_ore BIGINT
);
CREATE UNIQUE INDEX code_token_serial ON code_token (serial);
CREATE INDEX code_token_account ON code_token (account_id, id);
