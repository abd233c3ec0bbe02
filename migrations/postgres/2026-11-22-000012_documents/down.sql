DROP TABLE signature;
DROP TABLE document_revision;
DROP TABLE document;
