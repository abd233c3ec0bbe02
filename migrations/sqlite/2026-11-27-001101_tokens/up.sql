-- Code tokens (OATH), from the stock to their end. The seed is sealed by the keystore. counter is the first counter, or step of time, that is still
-- taken; drift is how many steps the token's clock is ahead of ours. company_id: whose administrators alone may give it out; none: any may.
CREATE TABLE code_token (
    id BLOB NOT NULL PRIMARY KEY,
    serial TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash_kind TEXT NOT NULL,
    digits INTEGER NOT NULL,
    period INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    counter INTEGER NOT NULL,
    drift INTEGER NOT NULL,
    state TEXT NOT NULL,
    account_id BLOB,
    company_id BLOB,
    wrong INTEGER NOT NULL,
    closed_until INTEGER,
    imported_at INTEGER NOT NULL,
    assigned_at INTEGER,
    life_until INTEGER,
    used_at INTEGER,
    price_ore INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX code_token_serial ON code_token (serial);
CREATE INDEX code_token_account ON code_token (account_id, id);
