DROP TABLE reset_asking;
DROP TABLE password_reset;
