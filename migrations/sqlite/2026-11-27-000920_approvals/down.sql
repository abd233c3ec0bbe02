DROP TABLE approval_ring;
