DROP TABLE telephone;
