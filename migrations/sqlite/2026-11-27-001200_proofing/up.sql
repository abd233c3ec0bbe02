-- How people were vouched for: never changed, but for a birth date that was not known yet. One row for each time.
CREATE TABLE proofing (
    id BLOB NOT NULL PRIMARY KEY,
    employee_id BLOB NOT NULL,
    channel TEXT NOT NULL,
    method TEXT NOT NULL,
    outcome TEXT NOT NULL,
    birth_date BLOB,
    seen_by TEXT NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX proofing_employee ON proofing (employee_id, id);

-- The documents that were seen: of the number only what the keystore makes of it.
CREATE TABLE proofing_document (
    proofing_id BLOB NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    country TEXT NOT NULL,
    issuer TEXT NOT NULL,
    permit TEXT,
    issued_on TEXT,
    expires_on TEXT,
    number_mac BLOB,
    PRIMARY KEY (proofing_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX proofing_document_number ON proofing_document (number_mac);

-- Who was invited before had no row of their own.
INSERT INTO proofing (id, employee_id, channel, method, outcome, birth_date, seen_by, seen_at)
SELECT id, id, 'company', vouched, 'vouched', NULL, vouched_by, invited_at FROM employee;
