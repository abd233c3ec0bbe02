-- What waits for its number, whatever the planner believes of the numbered.
CREATE INDEX audit_entry_waiting ON audit_entry (id) WHERE sequence IS NULL;
