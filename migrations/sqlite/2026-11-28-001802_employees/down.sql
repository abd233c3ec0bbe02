DROP INDEX employee_state;
ALTER TABLE employee DROP COLUMN used_at;
