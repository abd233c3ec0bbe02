-- What waits for the administrators of one company.
CREATE INDEX reissue_waiting ON reissue (company_id, id) WHERE state IN ('asked', 'approved');
