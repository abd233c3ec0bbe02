ALTER TABLE phone_pairing DROP COLUMN openers;
