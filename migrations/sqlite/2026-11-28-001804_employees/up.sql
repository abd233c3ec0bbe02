-- What the company says of a person for itself: unit, job title, labels (a line each). search_unit is what the list is narrowed by.
ALTER TABLE employee ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE employee ADD COLUMN search_unit TEXT NOT NULL DEFAULT '';
ALTER TABLE employee ADD COLUMN job_title TEXT NOT NULL DEFAULT '';
ALTER TABLE employee ADD COLUMN labels TEXT NOT NULL DEFAULT '';
CREATE INDEX employee_unit ON employee (company_id, search_unit, search_name, id);
