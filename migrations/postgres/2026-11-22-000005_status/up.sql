-- The public truth: what OCSP and the CRLs answer from.
CREATE TABLE certificate_status (
    authority_id UUID NOT NULL,
    serial BYTEA NOT NULL,
    shard BIGINT NOT NULL,
    state TEXT NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    reason TEXT,
    PRIMARY KEY (authority_id, serial)
);
CREATE INDEX certificate_status_shard ON certificate_status (authority_id, shard, state);

CREATE TABLE crl (
    authority_id UUID NOT NULL,
    shard BIGINT NOT NULL,
    number BIGINT NOT NULL,
    this_update BIGINT,
    next_update BIGINT,
    changes BIGINT NOT NULL,
    published_changes BIGINT NOT NULL,
    der BYTEA,
    PRIMARY KEY (authority_id, shard)
);

CREATE TABLE responder (
    authority_id UUID NOT NULL PRIMARY KEY,
    certificate BYTEA NOT NULL,
    key_label TEXT NOT NULL,
    not_after BIGINT NOT NULL,
    installed_at BIGINT NOT NULL
);

CREATE TABLE timestamp_unit (
    id UUID NOT NULL PRIMARY KEY,
    certificate BYTEA NOT NULL,
    chain BYTEA NOT NULL,
    key_label TEXT NOT NULL,
    not_after BIGINT NOT NULL,
    state TEXT NOT NULL,
    installed_at BIGINT NOT NULL
);
