-- What lists, searches and rounds ask of a million certificates, each by an index of its own.
-- The newest of an employee and kind.
CREATE INDEX certificate_of_kind ON certificate (employee_id, profile, state, id);
-- What ends soon in one company.
CREATE INDEX certificate_company_ending ON certificate (company_id, not_after) WHERE state = 'active';
-- The service's own, and those of companies themselves.
CREATE INDEX certificate_own ON certificate (authority_id, profile, state, id) WHERE employee_id IS NULL;
CREATE INDEX certificate_ordered ON certificate (company_id, intended_at) WHERE employee_id IS NULL;
-- An index of every state tempts SQLite's planner to read all that is active. certificate_ending has the same by its end.
CREATE INDEX certificate_intended ON certificate (intended_at) WHERE state = 'intended';
DROP INDEX certificate_expires;
DROP INDEX certificate_state;
