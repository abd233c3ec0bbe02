DROP INDEX employee_name;
