-- renewals counts how often certificates were asked for anew; renew_by stands while certificates name the person as they were before.
ALTER TABLE employee ADD COLUMN renewals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE employee ADD COLUMN renew_by BIGINT;
CREATE INDEX employee_renew_by ON employee (renew_by) WHERE renew_by IS NOT NULL;
