-- New passwords in place of forgotten ones: a mailed link, claimed by one browser, which then asks the person's phone.
CREATE TABLE password_reset (
    id BLOB NOT NULL PRIMARY KEY,
    account_id BLOB NOT NULL,
    link_hash BLOB NOT NULL UNIQUE,
    browser_hash BLOB UNIQUE,
    approval_id BLOB UNIQUE,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_reset_account ON password_reset (account_id, created_at);
CREATE INDEX password_reset_expires ON password_reset (expires_at);

-- Who asked for a link, whether or not the user id is anybody's: a network asks so often in an hour.
CREATE TABLE reset_asking (
    id BLOB NOT NULL PRIMARY KEY,
    network TEXT NOT NULL,
    begun_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reset_asking_network ON reset_asking (network, begun_at);
CREATE INDEX reset_asking_begun ON reset_asking (begun_at);
