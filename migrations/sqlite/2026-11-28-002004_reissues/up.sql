-- A forgotten password that an administrator has replaced. stop_hash is of the mailed link by which the person stops it.
CREATE TABLE reissue (
    id BLOB NOT NULL PRIMARY KEY,
    company_id BLOB NOT NULL,
    employee_id BLOB NOT NULL,
    asked_by BLOB NOT NULL,
    asked_by_name TEXT NOT NULL,
    state TEXT NOT NULL,
    stop_hash BLOB NOT NULL UNIQUE,
    asked_at INTEGER NOT NULL,
    lapses_at INTEGER NOT NULL,
    approved_by BLOB,
    approved_by_name TEXT,
    given_at INTEGER,
    certificates_from INTEGER,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX reissue_company ON reissue (company_id, id);
CREATE INDEX reissue_employee ON reissue (employee_id, id);
CREATE INDEX reissue_state ON reissue (state, lapses_at);
CREATE INDEX reissue_given ON reissue (certificates_from) WHERE state = 'given';
CREATE INDEX reissue_ended ON reissue (ended_at) WHERE ended_at IS NOT NULL;
-- One at a time about one employee.
CREATE UNIQUE INDEX reissue_open ON reissue (employee_id) WHERE state IN ('asked', 'approved', 'given');
