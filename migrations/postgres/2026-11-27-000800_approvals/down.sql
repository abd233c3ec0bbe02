DROP TABLE approval_limit;
DROP TABLE signing_stop;
DROP TABLE approval;
