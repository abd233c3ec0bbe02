DROP TABLE succession_form;
DROP TABLE succession_minutes;
DROP TABLE succession_signature;
DROP TABLE succession;
