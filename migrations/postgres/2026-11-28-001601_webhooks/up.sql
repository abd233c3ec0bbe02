-- Where companies are told what happens. kinds: words with commas between. The secrets are sealed by the keystore; the former one signs too until
-- former_until. failing_since: since when nothing was taken; quiet_until: nothing is tried before; dropped: what was not kept since too much waits.
CREATE TABLE webhook (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    former_sealed BYTEA,
    former_until BIGINT,
    state TEXT NOT NULL,
    why TEXT,
    failures BIGINT NOT NULL,
    failing_since BIGINT,
    quiet_until BIGINT,
    dropped BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX webhook_company ON webhook (company_id, id);
-- What is told there. body: the very bytes that are signed. attempts: how often it was tried; next_at: when it is tried again.
CREATE TABLE webhook_delivery (
    id UUID NOT NULL PRIMARY KEY,
    webhook_id UUID NOT NULL,
    kind TEXT NOT NULL,
    body BYTEA NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    status BIGINT,
    fault TEXT,
    created_at BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    tried_at BIGINT,
    next_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX webhook_delivery_webhook ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at);
