-- With which factors a company's people log in beside the key card; without a row: the phone.
CREATE TABLE factor_policy (
    company_id UUID NOT NULL PRIMARY KEY,
    factors TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
