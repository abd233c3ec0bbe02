-- A suspension: since when, until when unless somebody lifts it earlier, and why in the administrator's words.
ALTER TABLE employee ADD COLUMN suspended_at INTEGER;
ALTER TABLE employee ADD COLUMN suspended_until INTEGER;
ALTER TABLE employee ADD COLUMN suspended_reason TEXT;
CREATE INDEX employee_suspended_until ON employee (suspended_until) WHERE suspended_until IS NOT NULL;
