-- What is forgotten by age.
CREATE INDEX login_expires ON login (expires_at);
CREATE INDEX session_expires ON session (expires_at);
