DROP INDEX account_attempt_last;
DROP INDEX account_operator;
