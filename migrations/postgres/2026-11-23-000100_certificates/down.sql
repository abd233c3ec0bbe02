UPDATE authority SET family = 'ecdsa' WHERE family = 'default';
DROP TABLE certified_key;
