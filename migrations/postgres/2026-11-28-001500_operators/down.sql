DROP TABLE operator_change;
