DROP TABLE ending_told;
DROP INDEX certificate_ending;
ALTER TABLE certificate DROP COLUMN key_carrier;
ALTER TABLE certificate DROP COLUMN replaces_reason;
ALTER TABLE certificate DROP COLUMN replaces_id;
