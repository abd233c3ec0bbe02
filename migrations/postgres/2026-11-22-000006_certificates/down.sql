DROP TABLE encryption_key;
DROP TABLE key_opener;
DROP TABLE signing_key;
DROP TABLE certificate;
