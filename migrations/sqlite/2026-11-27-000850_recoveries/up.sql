-- The mailed link by which the employee objects, also when the account is closed meanwhile.
ALTER TABLE recovery ADD COLUMN objection_hash BLOB;
CREATE UNIQUE INDEX recovery_objection ON recovery (objection_hash);
