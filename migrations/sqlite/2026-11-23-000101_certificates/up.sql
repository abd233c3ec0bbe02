-- RID, UID and FID of the family oces2: one for each bearer, over all certificates.
CREATE TABLE resource_number (
    bearer_id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    number TEXT NOT NULL,
    drawn_at INTEGER NOT NULL,
    UNIQUE (company_id, number)
) STRICT, WITHOUT ROWID;
