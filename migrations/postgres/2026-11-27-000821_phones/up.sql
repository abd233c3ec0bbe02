-- The openers for the phone that is being paired, sealed while the password was at hand; written when the person confirms.
ALTER TABLE phone_pairing ADD COLUMN openers BYTEA;
