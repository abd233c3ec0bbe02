DROP INDEX recovery_waiting;
