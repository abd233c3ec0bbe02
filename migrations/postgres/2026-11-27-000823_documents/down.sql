ALTER TABLE document DROP COLUMN sealing_since;
ALTER TABLE document DROP COLUMN sealing_id;
DROP INDEX signature_approval;
ALTER TABLE signature DROP COLUMN moved_at;
ALTER TABLE signature DROP COLUMN value;
ALTER TABLE signature DROP COLUMN approval_id;
