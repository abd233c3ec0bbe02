-- What expires soon.
CREATE INDEX certificate_expires ON certificate (state, not_after);
