CREATE INDEX certificate_status_shard ON certificate_status (authority_id, shard, state);
