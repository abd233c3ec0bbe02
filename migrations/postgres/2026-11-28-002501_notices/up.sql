-- How many text messages left on a day (since 1970, UTC) to a number, and as temporary passwords of a company.
CREATE TABLE text_count (
    day BIGINT NOT NULL,
    name TEXT NOT NULL,
    texts BIGINT NOT NULL,
    PRIMARY KEY (day, name)
);
