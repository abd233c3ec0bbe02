DROP TABLE signatory_link;
DROP TABLE recovery_share;
DROP TABLE recovery;
