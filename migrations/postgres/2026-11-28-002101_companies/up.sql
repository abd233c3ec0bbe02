-- The signing rule: how many of the signatories must sign. Until now it was all of them.
ALTER TABLE company ADD COLUMN needed BIGINT NOT NULL DEFAULT 1;
UPDATE company SET needed = (SELECT COUNT(*) FROM signatory WHERE signatory.company_id = company.id);
-- When the operator took the order back.
ALTER TABLE company ADD COLUMN withdrawn_at BIGINT;
-- What the signatory is to the company, such as chair of the board.
ALTER TABLE signatory ADD COLUMN role TEXT;
ALTER TABLE signatory ADD COLUMN declined_at BIGINT;

-- A form that was signed on paper, and who saw it.
CREATE TABLE agreement_form (
    signatory_id UUID NOT NULL PRIMARY KEY,
    signed_on TEXT NOT NULL,
    seen_by UUID NOT NULL,
    seen_by_name TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    scan BYTEA
);
