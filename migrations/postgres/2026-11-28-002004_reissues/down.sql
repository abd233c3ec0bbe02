DROP TABLE reissue;
