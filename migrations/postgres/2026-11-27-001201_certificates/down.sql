ALTER TABLE certificate DROP COLUMN proofing_id;
