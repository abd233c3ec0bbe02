DROP TABLE cross_certificate;
