-- How many files a company's administrators tried to import since a moment: opening one costs seconds of a thread.
CREATE TABLE import_try (
    company_id BLOB NOT NULL PRIMARY KEY,
    tries INTEGER NOT NULL,
    began_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
