DROP INDEX certificate_status_unlisted;
DROP TABLE status_check;
