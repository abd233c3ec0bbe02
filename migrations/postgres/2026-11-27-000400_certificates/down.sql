DROP TABLE import_try;
