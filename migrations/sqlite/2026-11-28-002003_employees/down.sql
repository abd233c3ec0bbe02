DROP TABLE employee_rest;
