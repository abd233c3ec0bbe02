-- Superadministrators alone make administrators and change the agreement. Whoever administers until now may do all of it.
ALTER TABLE administrator ADD COLUMN post TEXT NOT NULL DEFAULT 'superadministrator';
ALTER TABLE company ADD COLUMN superadministrators INTEGER NOT NULL DEFAULT 0;
UPDATE company SET superadministrators = administrators;
-- Since when somebody may sign for the company no longer.
ALTER TABLE signatory ADD COLUMN ended_at INTEGER;
