DROP INDEX phone_ended;
