-- When a card's first key was used: it is the card in use from then on, and the former one is replaced. Cards that were used before count as used since their issue.
ALTER TABLE keycard ADD COLUMN first_used_at BIGINT;
UPDATE keycard SET first_used_at = issued_at
WHERE EXISTS (SELECT 1 FROM keycard_key WHERE keycard_key.card_id = keycard.id AND keycard_key.state = 'used');

-- What a person wants of key cards: the next one at so many keys left, and printed so. Who said nothing has no row.
CREATE TABLE keycard_preference (
    account_id UUID NOT NULL PRIMARY KEY,
    order_at BIGINT NOT NULL,
    edition TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
