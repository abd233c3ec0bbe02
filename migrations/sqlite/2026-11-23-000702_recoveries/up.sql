-- Shares of old generations, passed from one administrator to another, so that the second one's password moves what depends on them.
CREATE TABLE share_passing (
    company_key_id BLOB NOT NULL,
    from_holder BLOB NOT NULL,
    to_holder BLOB NOT NULL,
    sealed BLOB NOT NULL,
    passed_at INTEGER NOT NULL,
    PRIMARY KEY (company_key_id, from_holder, to_holder)
) STRICT, WITHOUT ROWID;
CREATE INDEX share_passing_to ON share_passing (to_holder, passed_at);
