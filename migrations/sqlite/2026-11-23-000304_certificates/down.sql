DROP INDEX certificate_expires;
