-- The desk finds a person by the beginning of the surname, whatever the company.
CREATE INDEX employee_name ON employee (search_name, id);
