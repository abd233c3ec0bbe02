DROP TABLE keycard_preference;
ALTER TABLE keycard DROP COLUMN first_used_at;
