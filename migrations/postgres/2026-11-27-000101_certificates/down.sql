DROP TABLE imported_certificate;
