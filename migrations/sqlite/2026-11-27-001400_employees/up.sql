-- What an e-mail address is compared by, in lower case: nobody is imported into a company twice.
ALTER TABLE employee ADD COLUMN search_email TEXT NOT NULL DEFAULT '';
UPDATE employee SET search_email = lower(email);
CREATE INDEX employee_email ON employee (company_id, search_email);

-- A file of people, read and judged; started, it invites them in portions. people, good and bad are of the judgement.
CREATE TABLE employee_import (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    file_name TEXT NOT NULL,
    language TEXT NOT NULL,
    way TEXT,
    state TEXT NOT NULL,
    people INTEGER NOT NULL,
    good INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    invited INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    next_line INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    forget_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX employee_import_company ON employee_import (company_id, created_at, id);
CREATE INDEX employee_import_forget ON employee_import (forget_at);

-- A row of the file under its line; employee_id is whom it becomes.
CREATE TABLE employee_import_row (
    import_id BLOB NOT NULL,
    line INTEGER NOT NULL,
    employee_id BLOB NOT NULL,
    given_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    email TEXT NOT NULL,
    search_email TEXT NOT NULL,
    email_in_certificate INTEGER NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    faults TEXT,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;

-- The one import of a company that is running, and when it last went on.
CREATE TABLE employee_import_turn (
    company_id BLOB NOT NULL PRIMARY KEY,
    import_id BLOB NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
