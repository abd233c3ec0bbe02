DROP TABLE archived_copy;
DROP TABLE archived_key;
DROP TABLE company_key_share;
DROP TABLE company_key;
DROP TABLE holder_key;
