DROP TABLE person_link;
DROP TABLE person_signature;
