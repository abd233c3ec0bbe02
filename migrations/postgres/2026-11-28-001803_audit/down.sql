DROP INDEX audit_entry_account;
ALTER TABLE audit_entry DROP COLUMN account_id;
