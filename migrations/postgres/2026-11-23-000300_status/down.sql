DROP TABLE status_generation;
DROP INDEX certificate_status_unanswered;
ALTER TABLE certificate_status DROP COLUMN listed_at;
ALTER TABLE certificate_status DROP COLUMN answered_at;
