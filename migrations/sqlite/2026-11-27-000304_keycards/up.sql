-- What is forgotten by age.
CREATE INDEX keycard_challenge_expires ON keycard_challenge (expires_at);
