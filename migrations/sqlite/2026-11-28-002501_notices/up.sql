-- How many text messages left on a day (since 1970, UTC) to a number, and as temporary passwords of a company.
CREATE TABLE text_count (
    day INTEGER NOT NULL,
    name TEXT NOT NULL,
    texts INTEGER NOT NULL,
    PRIMARY KEY (day, name)
) STRICT, WITHOUT ROWID;
