DROP TABLE activation;
DROP TABLE account_attempt;
DROP TABLE account;
