-- What a company itself is certified as: its seal, a mailbox or a system. The id stays over every renewal.
CREATE TABLE company_unit (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (company_id, purpose, email)
) STRICT, WITHOUT ROWID;
