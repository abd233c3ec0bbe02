DROP INDEX certificate_account;
CREATE INDEX certificate_account ON certificate (account_id);
