DROP TABLE revocation_try;
DROP TABLE revocation_code;
