ALTER TABLE session DROP COLUMN proven_by;
