ALTER TABLE phone DROP COLUMN attestation_chain;
ALTER TABLE phone_pairing DROP COLUMN attestation_chain;
ALTER TABLE phone_pairing DROP COLUMN replaces_id;
