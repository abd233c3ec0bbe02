DROP INDEX message_recipient;
DROP TABLE letter_batch;
DROP TABLE letter;
ALTER TABLE message DROP COLUMN ordered_by;
