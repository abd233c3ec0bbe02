DROP TABLE company_unit;
