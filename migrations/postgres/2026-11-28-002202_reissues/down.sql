DROP INDEX reissue_waiting;
