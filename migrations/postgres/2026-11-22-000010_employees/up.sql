-- People in companies.
CREATE TABLE employee (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    account_id UUID NOT NULL UNIQUE,
    given_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    search_name TEXT COLLATE "C" NOT NULL,
    email TEXT NOT NULL,
    email_in_certificate BOOLEAN NOT NULL,
    vouched TEXT NOT NULL,
    vouched_by TEXT NOT NULL,
    state TEXT NOT NULL,
    invited_at BIGINT NOT NULL,
    activated_at BIGINT,
    left_at BIGINT
);
CREATE INDEX employee_company ON employee (company_id, search_name, id);
