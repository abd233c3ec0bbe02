DROP TABLE phone_try;
DROP TABLE phone_owner;
DROP TABLE phone_pairing;
DROP TABLE phone;
