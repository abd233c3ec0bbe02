-- Whose time stamp a signature has: 'own', or the address of the authority. None for signatures made before this.
ALTER TABLE signature ADD COLUMN stamped_by TEXT;
