DROP INDEX keycard_challenge_expires;
