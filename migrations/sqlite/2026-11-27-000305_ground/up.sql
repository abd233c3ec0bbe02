-- What is forgotten by age.
CREATE INDEX job_finished ON job (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX idempotency_created ON idempotency (created_at);
