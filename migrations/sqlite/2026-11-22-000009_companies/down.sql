DROP TABLE administrator;
DROP TABLE agreement;
DROP TABLE signatory;
DROP TABLE company;
