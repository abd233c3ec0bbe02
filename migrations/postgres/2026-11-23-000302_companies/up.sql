-- A company that was closed stays, without a standing.
ALTER TABLE company ADD COLUMN closed_at BIGINT;
