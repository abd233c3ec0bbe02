ALTER TABLE keycard DROP COLUMN ordered_by;
