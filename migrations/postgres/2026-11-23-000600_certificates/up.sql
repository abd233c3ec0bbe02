-- What a certificate follows and what becomes of that, where its key rests, and who was told that it ends.
ALTER TABLE certificate ADD COLUMN replaces_id UUID;
ALTER TABLE certificate ADD COLUMN replaces_reason TEXT;
ALTER TABLE certificate ADD COLUMN key_carrier TEXT NOT NULL DEFAULT 'central';
CREATE INDEX certificate_ending ON certificate (not_after) WHERE state = 'active';

-- subject_id is a certificate or an authority; days, how long before its end.
CREATE TABLE ending_told (
    subject_id UUID NOT NULL,
    days BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (subject_id, days)
);
