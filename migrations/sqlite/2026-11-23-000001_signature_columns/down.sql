ALTER TABLE signature ADD COLUMN digest BLOB;
ALTER TABLE signature ADD COLUMN attributes BLOB;
ALTER TABLE signature ADD COLUMN cms BLOB;
