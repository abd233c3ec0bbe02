DROP TABLE key_policy;
