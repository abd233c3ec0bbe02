-- Who chooses a new password in place of a forgotten one, and from when certificates may follow.
CREATE TABLE employee_rest (
    employee_id UUID NOT NULL PRIMARY KEY,
    certificates_from BIGINT NOT NULL
);
