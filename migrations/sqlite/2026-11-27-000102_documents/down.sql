DROP TABLE sealed_document;
