DROP TABLE timestamp_unit;
DROP TABLE responder;
DROP TABLE crl;
DROP TABLE certificate_status;
