ALTER TABLE session DROP COLUMN proven_by;
DROP TABLE factor_policy;
DROP TABLE code_token;
