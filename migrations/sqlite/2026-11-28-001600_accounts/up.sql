-- API keys of companies. token_hash: the key under a key of the keystore. scopes, networks: words with commas between; no network: all.
CREATE TABLE api_key (
    id BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    company_id BLOB NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    made_by BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    seen_at INTEGER,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_company ON api_key (company_id, id);
