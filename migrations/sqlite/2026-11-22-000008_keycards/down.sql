DROP TABLE keycard_challenge;
DROP TABLE keycard_key;
DROP TABLE keycard;
