-- RID, UID and FID of the family oces2: one for each bearer, over all certificates.
CREATE TABLE resource_number (
    bearer_id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    number TEXT NOT NULL,
    drawn_at BIGINT NOT NULL,
    UNIQUE (company_id, number)
);
