-- How many files a company's administrators tried to import since a moment: opening one costs seconds of a thread.
CREATE TABLE import_try (
    company_id UUID NOT NULL PRIMARY KEY,
    tries BIGINT NOT NULL,
    began_at BIGINT NOT NULL
);
