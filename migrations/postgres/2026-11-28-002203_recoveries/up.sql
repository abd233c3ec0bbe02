-- What waits for the administrators of one company.
CREATE INDEX recovery_waiting ON recovery (company_id, id) WHERE state IN ('asked', 'approved');
