-- What a certificate follows and what becomes of that, where its key rests, and who was told that it ends.
ALTER TABLE certificate ADD COLUMN replaces_id BLOB;
ALTER TABLE certificate ADD COLUMN replaces_reason TEXT;
ALTER TABLE certificate ADD COLUMN key_carrier TEXT NOT NULL DEFAULT 'central';
CREATE INDEX certificate_ending ON certificate (not_after) WHERE state = 'active';

-- subject_id is a certificate or an authority; days, how long before its end.
CREATE TABLE ending_told (
    subject_id BLOB NOT NULL,
    days INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (subject_id, days)
) STRICT, WITHOUT ROWID;
