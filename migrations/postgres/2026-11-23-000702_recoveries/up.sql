-- Shares of old generations, passed from one administrator to another, so that the second one's password moves what depends on them.
CREATE TABLE share_passing (
    company_key_id UUID NOT NULL,
    from_holder UUID NOT NULL,
    to_holder UUID NOT NULL,
    sealed BYTEA NOT NULL,
    passed_at BIGINT NOT NULL,
    PRIMARY KEY (company_key_id, from_holder, to_holder)
);
CREATE INDEX share_passing_to ON share_passing (to_holder, passed_at);
