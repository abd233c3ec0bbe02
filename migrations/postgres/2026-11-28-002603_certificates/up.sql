-- By account are found what passwords and phones open: keys that are kept here.
DROP INDEX certificate_account;
CREATE INDEX certificate_account ON certificate (account_id) WHERE key_carrier = 'central';
