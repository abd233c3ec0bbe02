-- A signature that the phone is asked for; what the key made of it, before it stands in the document; when it last moved.
ALTER TABLE signature ADD COLUMN approval_id UUID;
ALTER TABLE signature ADD COLUMN value BYTEA;
ALTER TABLE signature ADD COLUMN moved_at BIGINT;
CREATE UNIQUE INDEX signature_approval ON signature (approval_id) WHERE approval_id IS NOT NULL;
-- Which signature is being made on a document, and since when: one at a time.
ALTER TABLE document ADD COLUMN sealing_id UUID;
ALTER TABLE document ADD COLUMN sealing_since BIGINT;
