-- The bytes of what is signed stand in the certificate and are not taken out of it here: a program of before reads them from the backup that is
-- made before each upgrade.
CREATE TABLE certificate_kept (
    id BLOB NOT NULL PRIMARY KEY,
    authority_id BLOB NOT NULL,
    serial BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    profile TEXT NOT NULL,
    account_id BLOB,
    employee_id BLOB,
    company_id BLOB,
    subject TEXT NOT NULL,
    email TEXT,
    key_label TEXT,
    state TEXT NOT NULL,
    tbs BLOB NOT NULL,
    certificate BLOB,
    not_before INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    intended_at INTEGER NOT NULL,
    activated_at INTEGER,
    revoked_at INTEGER,
    reason TEXT,
    replaces_id BLOB,
    replaces_reason TEXT,
    key_carrier TEXT NOT NULL DEFAULT 'central',
    UNIQUE (authority_id, serial),
    UNIQUE (authority_id, ordinal)
) STRICT, WITHOUT ROWID;
INSERT INTO certificate_kept (id, authority_id, serial, ordinal, profile, account_id, employee_id, company_id, subject, email, key_label, state, tbs,
                              certificate, not_before, not_after, intended_at, activated_at, revoked_at, reason, replaces_id, replaces_reason, key_carrier)
SELECT id, authority_id, serial, ordinal, profile, account_id, employee_id, company_id, subject, email, key_label, state, COALESCE(tbs, X''),
       certificate, not_before, not_after, intended_at, activated_at, revoked_at, reason, replaces_id, replaces_reason, key_carrier
FROM certificate;
DROP TABLE certificate;
ALTER TABLE certificate_kept RENAME TO certificate;
CREATE INDEX certificate_employee ON certificate (employee_id, id);
CREATE INDEX certificate_company ON certificate (company_id, id);
CREATE INDEX certificate_account ON certificate (account_id);
CREATE INDEX certificate_serial ON certificate (serial);
CREATE INDEX certificate_ending ON certificate (not_after) WHERE state = 'active';
CREATE INDEX certificate_of_kind ON certificate (employee_id, profile, state, id);
CREATE INDEX certificate_company_ending ON certificate (company_id, not_after) WHERE state = 'active';
CREATE INDEX certificate_own ON certificate (authority_id, profile, state, id) WHERE employee_id IS NULL;
CREATE INDEX certificate_ordered ON certificate (company_id, intended_at) WHERE employee_id IS NULL;
CREATE INDEX certificate_intended ON certificate (intended_at) WHERE state = 'intended';
