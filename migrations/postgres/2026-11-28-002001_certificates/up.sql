-- Certificates that are intended and wait: none is signed before its time.
CREATE TABLE certificate_hold (
    certificate_id UUID NOT NULL PRIMARY KEY,
    held_until BIGINT NOT NULL
);
