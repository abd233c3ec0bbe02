-- What streams of events look for: a phone that ended with its person's leaving.
CREATE INDEX phone_ended ON phone (ended_at);
