-- Where the keys of a company's employees may rest: words with commas between.
CREATE TABLE key_policy (
    company_id UUID NOT NULL PRIMARY KEY,
    carriers TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
