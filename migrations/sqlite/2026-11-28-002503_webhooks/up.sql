-- One job at a time works for each address: next_job_at says which, working_until that it does. by_hand: how much was sent by hand since by_hand_at.
ALTER TABLE webhook ADD COLUMN next_job_at INTEGER;
ALTER TABLE webhook ADD COLUMN working_until INTEGER;
ALTER TABLE webhook ADD COLUMN by_hand_at INTEGER;
ALTER TABLE webhook ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
DROP INDEX webhook_delivery_waiting;
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE state = 'waiting';
