-- The few operators among many accounts; counts of wrong passwords by age.
CREATE INDEX account_operator ON account (id) WHERE kind = 'operator';
CREATE INDEX account_attempt_last ON account_attempt (last_at) WHERE proven_at IS NULL;
