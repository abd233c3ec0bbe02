-- People in companies.
CREATE TABLE employee (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    account_id BLOB NOT NULL UNIQUE,
    given_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    search_name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_in_certificate INTEGER NOT NULL,
    vouched TEXT NOT NULL,
    vouched_by TEXT NOT NULL,
    state TEXT NOT NULL,
    invited_at INTEGER NOT NULL,
    activated_at INTEGER,
    left_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX employee_company ON employee (company_id, search_name, id);
