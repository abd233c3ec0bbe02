-- A pairing may take the place of a phone, which ends when the new one is confirmed. What attests a phone's key is kept, for the evidence.
ALTER TABLE phone_pairing ADD COLUMN replaces_id UUID;
ALTER TABLE phone_pairing ADD COLUMN attestation_chain BYTEA;
ALTER TABLE phone ADD COLUMN attestation_chain BYTEA;
