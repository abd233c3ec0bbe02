-- When the person last logged in or signed, to the hour; those who were here before count as having done so when they activated.
ALTER TABLE employee ADD COLUMN used_at INTEGER;
UPDATE employee SET used_at = activated_at;
-- Lists of those in one state, by name.
CREATE INDEX employee_state ON employee (company_id, state, search_name, id);
