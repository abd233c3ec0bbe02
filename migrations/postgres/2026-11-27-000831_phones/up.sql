-- The identity keys that phones pin, from the second on: each with its first message, which names the one after it.
CREATE TABLE phone_identity (
    generation BIGINT NOT NULL PRIMARY KEY,
    public_key BYTEA NOT NULL,
    succession BYTEA NOT NULL,
    succession_signature BYTEA NOT NULL,
    begun_at BIGINT NOT NULL
);
