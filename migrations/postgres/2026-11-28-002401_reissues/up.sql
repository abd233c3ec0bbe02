-- So long certificates wait, since the old password stopped.
ALTER TABLE reissue ADD COLUMN wait_hours BIGINT NOT NULL DEFAULT 24;
