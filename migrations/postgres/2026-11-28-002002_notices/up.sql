-- Addresses of before, under ids of their own, so that they can be told of what happens soon after the change.
CREATE TABLE former_contact (
    former_id UUID NOT NULL PRIMARY KEY,
    recipient_id UUID NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX former_contact_recipient ON former_contact (recipient_id, changed_at);
