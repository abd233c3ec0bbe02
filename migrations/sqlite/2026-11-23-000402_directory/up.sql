-- Who agreed to be found by this mail address. The certificates themselves are those of the slice certificates.
CREATE TABLE directory_listing (
    employee_id BLOB NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    listed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX directory_listing_address ON directory_listing (address);
