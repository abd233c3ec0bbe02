-- Seals that a crash interrupted are looked for by their age.
CREATE INDEX sealed_document_asked ON sealed_document (asked_at) WHERE state = 'asked';
