-- Who agreed to be found by this mail address. The certificates themselves are those of the slice certificates.
CREATE TABLE directory_listing (
    employee_id UUID NOT NULL PRIMARY KEY,
    address TEXT NOT NULL,
    listed_at BIGINT NOT NULL
);
CREATE INDEX directory_listing_address ON directory_listing (address);
