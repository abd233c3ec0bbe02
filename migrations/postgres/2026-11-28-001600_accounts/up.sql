-- API keys of companies. token_hash: the key under a key of the keystore. scopes, networks: words with commas between; no network: all.
CREATE TABLE api_key (
    id UUID NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    company_id UUID NOT NULL,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    made_by UUID NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    seen_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX api_key_company ON api_key (company_id, id);
