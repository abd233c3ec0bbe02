ALTER TABLE signing_key DROP COLUMN due_at;
DROP TABLE phone_opener;
