DROP INDEX employee_suspended_until;
ALTER TABLE employee DROP COLUMN suspended_reason;
ALTER TABLE employee DROP COLUMN suspended_until;
ALTER TABLE employee DROP COLUMN suspended_at;
