DROP TABLE proofing_document;
DROP TABLE proofing;
