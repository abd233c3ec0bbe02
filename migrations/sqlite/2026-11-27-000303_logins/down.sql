DROP INDEX session_expires;
DROP INDEX login_expires;
