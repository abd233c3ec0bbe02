DROP TABLE resource_number;
