DROP INDEX employee_renew_by;
ALTER TABLE employee DROP COLUMN renew_by;
ALTER TABLE employee DROP COLUMN renewals;
