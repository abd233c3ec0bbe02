CREATE INDEX certificate_state ON certificate (state, intended_at);
CREATE INDEX certificate_expires ON certificate (state, not_after);
DROP INDEX certificate_intended;
DROP INDEX certificate_ordered;
DROP INDEX certificate_own;
DROP INDEX certificate_company_ending;
DROP INDEX certificate_of_kind;
