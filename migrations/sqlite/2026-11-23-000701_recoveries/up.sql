-- Asked for by one person, approved by another; the employee may object until a moment.
CREATE TABLE recovery (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    employee_id BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    asked_by_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    objectable_until INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    approved_by BLOB,
    approved_by_name TEXT,
    approved_at INTEGER,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_company ON recovery (company_id, id);
CREATE INDEX recovery_employee ON recovery (employee_id, id);
CREATE INDEX recovery_state ON recovery (state, lapses_at);
-- One at a time about each employee.
CREATE UNIQUE INDEX recovery_open ON recovery (employee_id) WHERE state IN ('asked', 'approved');

-- The approver's shares, sealed to the one who asked, until the keys are collected or the recovery ends otherwise.
CREATE TABLE recovery_share (
    recovery_id BLOB NOT NULL,
    company_key_id BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (recovery_id, company_key_id)
) STRICT, WITHOUT ROWID;

-- Mailed to a signatory: to take a share, or to approve a recovery with it. Used once.
CREATE TABLE signatory_link (
    link_hash BLOB NOT NULL PRIMARY KEY,
    signatory_id BLOB NOT NULL,
    company_id BLOB NOT NULL,
    recovery_id BLOB,
    tries INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX signatory_link_recovery ON signatory_link (recovery_id);
