DROP INDEX idempotency_created;
DROP INDEX job_finished;
