-- Who chooses a new password in place of a forgotten one, and from when certificates may follow.
CREATE TABLE employee_rest (
    employee_id BLOB NOT NULL PRIMARY KEY,
    certificates_from INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
