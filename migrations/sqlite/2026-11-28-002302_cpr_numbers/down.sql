DROP TABLE cpr_try;
DROP TABLE cpr_number;
DROP TABLE cpr_subscription;
