DROP TABLE keycard_lost_try;
DROP TABLE keycard_owner;
