-- Nobody reads them: the digest stands in the audit, attributes and message in the signed revision.
ALTER TABLE signature DROP COLUMN digest;
ALTER TABLE signature DROP COLUMN attributes;
ALTER TABLE signature DROP COLUMN cms;
