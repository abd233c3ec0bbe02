DROP TABLE idempotency;
DROP TABLE job;
DROP TABLE lease;
DROP TABLE installation;
