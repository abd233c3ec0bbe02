-- What was shown when the session was proven last: a card or phone, or a code token, which does not suffice for everything.
ALTER TABLE session ADD COLUMN proven_by TEXT NOT NULL DEFAULT 'card';
