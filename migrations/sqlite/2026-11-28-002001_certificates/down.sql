DROP TABLE certificate_hold;
