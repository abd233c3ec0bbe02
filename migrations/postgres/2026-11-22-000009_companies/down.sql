DROP TABLE administrator;
DROP TABLE signatory;
DROP TABLE company;
