DROP TABLE authority;
