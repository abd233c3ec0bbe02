DROP INDEX webhook_delivery_due;
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (webhook_id) WHERE state = 'waiting';
ALTER TABLE webhook DROP COLUMN by_hand;
ALTER TABLE webhook DROP COLUMN by_hand_at;
ALTER TABLE webhook DROP COLUMN working_until;
ALTER TABLE webhook DROP COLUMN next_job_at;
