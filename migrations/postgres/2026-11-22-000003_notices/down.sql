DROP TABLE message;
DROP TABLE contact;
