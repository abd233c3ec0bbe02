DROP TABLE factor_policy;
