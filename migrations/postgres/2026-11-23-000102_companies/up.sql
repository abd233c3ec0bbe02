-- What a company itself is certified as: its seal, a mailbox or a system. The id stays over every renewal.
CREATE TABLE company_unit (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (company_id, purpose, email)
);
