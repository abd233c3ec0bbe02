-- What an e-mail address is compared by, in lower case: nobody is imported into a company twice.
ALTER TABLE employee ADD COLUMN search_email TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE employee SET search_email = lower(email);
CREATE INDEX employee_email ON employee (company_id, search_email);

-- A file of people, read and judged; started, it invites them in portions. people, good and bad are of the judgement.
CREATE TABLE employee_import (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    file_name TEXT NOT NULL,
    language TEXT NOT NULL,
    way TEXT,
    state TEXT NOT NULL,
    people BIGINT NOT NULL,
    good BIGINT NOT NULL,
    bad BIGINT NOT NULL,
    invited BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    next_line BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    forget_at BIGINT NOT NULL
);
CREATE INDEX employee_import_company ON employee_import (company_id, created_at, id);
CREATE INDEX employee_import_forget ON employee_import (forget_at);

-- A row of the file under its line; employee_id is whom it becomes.
CREATE TABLE employee_import_row (
    import_id UUID NOT NULL,
    line BIGINT NOT NULL,
    employee_id UUID NOT NULL,
    given_name TEXT NOT NULL,
    surname TEXT NOT NULL,
    email TEXT NOT NULL,
    search_email TEXT COLLATE "C" NOT NULL,
    email_in_certificate BOOLEAN NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    faults TEXT,
    PRIMARY KEY (import_id, line)
);

-- The one import of a company that is running, and when it last went on.
CREATE TABLE employee_import_turn (
    company_id UUID NOT NULL PRIMARY KEY,
    import_id UUID NOT NULL,
    moved_at BIGINT NOT NULL
);
