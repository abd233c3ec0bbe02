DROP INDEX audit_entry_waiting;
