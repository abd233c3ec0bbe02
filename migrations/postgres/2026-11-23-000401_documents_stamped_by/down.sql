ALTER TABLE signature DROP COLUMN stamped_by;
