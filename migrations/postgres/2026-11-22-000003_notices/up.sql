-- Whom we can tell something, and what was told. sealed holds the message under the keystore.
CREATE TABLE contact (
    recipient_id UUID NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    email TEXT,
    postal_address TEXT,
    language TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

CREATE TABLE message (
    id UUID NOT NULL PRIMARY KEY,
    recipient_id UUID NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    sealed BYTEA,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX message_state ON message (state, created_at);
