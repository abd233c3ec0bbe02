-- The public truth: what OCSP and the CRLs answer from.
CREATE TABLE certificate_status (
    authority_id BLOB NOT NULL,
    serial BLOB NOT NULL,
    shard INTEGER NOT NULL,
    state TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    revoked_at INTEGER,
    reason TEXT,
    PRIMARY KEY (authority_id, serial)
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_status_shard ON certificate_status (authority_id, shard, state);

CREATE TABLE crl (
    authority_id BLOB NOT NULL,
    shard INTEGER NOT NULL,
    number INTEGER NOT NULL,
    this_update INTEGER,
    next_update INTEGER,
    changes INTEGER NOT NULL,
    published_changes INTEGER NOT NULL,
    der BLOB,
    PRIMARY KEY (authority_id, shard)
) STRICT, WITHOUT ROWID;

CREATE TABLE responder (
    authority_id BLOB NOT NULL PRIMARY KEY,
    certificate BLOB NOT NULL,
    key_label TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    installed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE timestamp_unit (
    id BLOB NOT NULL PRIMARY KEY,
    certificate BLOB NOT NULL,
    chain BLOB NOT NULL,
    key_label TEXT NOT NULL,
    not_after INTEGER NOT NULL,
    state TEXT NOT NULL,
    installed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
