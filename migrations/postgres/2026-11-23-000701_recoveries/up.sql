-- Asked for by one person, approved by another; the employee may object until a moment.
CREATE TABLE recovery (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    employee_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    asked_by_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    objectable_until BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    approved_by UUID,
    approved_by_name TEXT,
    approved_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX recovery_company ON recovery (company_id, id);
CREATE INDEX recovery_employee ON recovery (employee_id, id);
CREATE INDEX recovery_state ON recovery (state, lapses_at);
-- One at a time about each employee.
CREATE UNIQUE INDEX recovery_open ON recovery (employee_id) WHERE state IN ('asked', 'approved');

-- The approver's shares, sealed to the one who asked, until the keys are collected or the recovery ends otherwise.
CREATE TABLE recovery_share (
    recovery_id UUID NOT NULL,
    company_key_id UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (recovery_id, company_key_id)
);

-- Mailed to a signatory: to take a share, or to approve a recovery with it. Used once.
CREATE TABLE signatory_link (
    link_hash BYTEA NOT NULL PRIMARY KEY,
    signatory_id UUID NOT NULL,
    company_id UUID NOT NULL,
    recovery_id UUID,
    tries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX signatory_link_recovery ON signatory_link (recovery_id);
