-- Companies that have said on what ground they take CPR numbers. Without a row none is taken.
CREATE TABLE cpr_subscription (
    company_id BLOB NOT NULL PRIMARY KEY,
    legal_ground TEXT NOT NULL,
    subscribed_by TEXT NOT NULL,
    subscribed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the keystore makes of an employee's number, bound to the company: the number itself is nowhere.
CREATE TABLE cpr_number (
    employee_id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    number_mac BLOB NOT NULL,
    noted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX cpr_number_once ON cpr_number (company_id, number_mac);

-- Questions about an employee's number that were answered no, within a day.
CREATE TABLE cpr_try (
    employee_id BLOB NOT NULL PRIMARY KEY,
    began_at INTEGER NOT NULL,
    wrong INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX cpr_try_began ON cpr_try (began_at);
