-- A forgotten password that an administrator has replaced. stop_hash is of the mailed link by which the person stops it.
CREATE TABLE reissue (
    id UUID NOT NULL PRIMARY KEY,
    company_id UUID NOT NULL,
    employee_id UUID NOT NULL,
    asked_by UUID NOT NULL,
    asked_by_name TEXT NOT NULL,
    state TEXT NOT NULL,
    stop_hash BYTEA NOT NULL UNIQUE,
    asked_at BIGINT NOT NULL,
    lapses_at BIGINT NOT NULL,
    approved_by UUID,
    approved_by_name TEXT,
    given_at BIGINT,
    certificates_from BIGINT,
    ended_at BIGINT
);
CREATE INDEX reissue_company ON reissue (company_id, id);
CREATE INDEX reissue_employee ON reissue (employee_id, id);
CREATE INDEX reissue_state ON reissue (state, lapses_at);
CREATE INDEX reissue_given ON reissue (certificates_from) WHERE state = 'given';
CREATE INDEX reissue_ended ON reissue (ended_at) WHERE ended_at IS NOT NULL;
-- One at a time about one employee.
CREATE UNIQUE INDEX reissue_open ON reissue (employee_id) WHERE state IN ('asked', 'approved', 'given');
