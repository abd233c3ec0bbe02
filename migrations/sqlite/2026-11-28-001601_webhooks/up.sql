-- Where companies are told what happens. kinds: words with commas between. The secrets are sealed by the keystore; the former one signs too until
-- former_until. failing_since: since when nothing was taken; quiet_until: nothing is tried before; dropped: what was not kept since too much waits.
CREATE TABLE webhook (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    sealed BLOB NOT NULL,
    former_sealed BLOB,
    former_until INTEGER,
    state TEXT NOT NULL,
    why TEXT,
    failures INTEGER NOT NULL,
    failing_since INTEGER,
    quiet_until INTEGER,
    dropped INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_company ON webhook (company_id, id);
-- What is told there. body: the very bytes that are signed. attempts: how often it was tried; next_at: when it is tried again.
CREATE TABLE webhook_delivery (
    id BLOB NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    body BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    status INTEGER,
    fault TEXT,
    created_at INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    tried_at INTEGER,
    next_at INTEGER,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_webhook ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at);
