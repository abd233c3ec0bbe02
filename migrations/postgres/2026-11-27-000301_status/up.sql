-- The entries of a list, and of the list of all, without a look at what is good.
CREATE INDEX certificate_status_revoked ON certificate_status (authority_id, shard, serial) WHERE state = 'revoked';
