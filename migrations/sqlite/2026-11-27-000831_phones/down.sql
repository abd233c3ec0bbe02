DROP TABLE phone_identity;
