DROP TABLE timestamp_serial;
