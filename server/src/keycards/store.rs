//! All rows of key cards.

mod preferences;

pub(super) use self::preferences::{keep_preferences, preferences};
use super::{Keycard, KeycardState, NewCard};
use crate::{
    build, execute, fetch,
    platform::{
        consent::Purpose,
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, ChallengeId, KeycardId, SessionId},
        moment::Moment,
    },
};

pub(super) async fn insert(unit: &mut Unit, card: &NewCard) -> Result<(), DatabaseError> {
    let now = unit.now();
    let keys = i64::try_from(keycard::CARD_KEYS).unwrap_or(i64::MAX);
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO keycard (id, account_id, number, key_numbers, sealed, state, keys_left, wrong, issued_at)
             VALUES ($1, $2, $3, $4, $5, 'active', $6, 0, $7)"
        )
        .bind(card.id)
        .bind(card.account)
        .bind(&card.number)
        .bind(&card.key_numbers)
        .bind(&card.sealed)
        .bind(keys)
        .bind(now)
    )
    .map(drop)
}

#[derive(sqlx::FromRow)]
struct CardRow {
    id: KeycardId,
    account_id: AccountId,
    number: String,
    state: String,
    keys_left: i64,
    issued_at: Moment,
    fetched_at: Option<Moment>,
    first_used_at: Option<Moment>,
    ordered_by: Option<SessionId>,
}

impl CardRow {
    fn keycard(self) -> Result<Keycard, DatabaseError> {
        let Some(state) = KeycardState::of(&self.state) else {
            return Err(DatabaseError::Corrupt { what: "state of key card", value: self.state });
        };
        Ok(Keycard {
            id: self.id,
            account: self.account_id,
            number: self.number,
            state,
            keys_left: self.keys_left,
            issued_at: self.issued_at,
            fetched_at: self.fetched_at,
            first_used_at: self.first_used_at,
            ordered_by: self.ordered_by,
        })
    }
}

/// Notes which session ordered a card.
pub(super) async fn note_ordered(unit: &mut Unit, id: KeycardId, session: SessionId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE keycard SET ordered_by = $1 WHERE id = $2").bind(session).bind(id)).map(drop)
}

pub(super) async fn cards_of(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Keycard>, DatabaseError> {
    let rows: Vec<CardRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, account_id, number, state, keys_left, issued_at, fetched_at, first_used_at, ordered_by FROM keycard
         WHERE account_id = $1 ORDER BY CASE WHEN state = 'active' THEN 0 ELSE 1 END, id DESC LIMIT 20"
    )
    .bind(account)
    .fetch_all(c))?;
    rows.into_iter().map(CardRow::keycard).collect()
}

pub(super) async fn card(connection: &mut impl Connection, id: KeycardId) -> Result<Option<Keycard>, DatabaseError> {
    let row: Option<CardRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, account_id, number, state, keys_left, issued_at, fetched_at, first_used_at, ordered_by FROM keycard WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c))?;
    row.map(CardRow::keycard).transpose()
}

/// How many cards of a person can be asked for.
pub(super) async fn active_cards(connection: &mut impl Connection, account: AccountId) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT COUNT(*) FROM keycard WHERE account_id = $1 AND state = 'active'")
        .bind(account)
        .fetch_one(c))
}

/// How many cards a person was given since then, whatever became of them.
pub(super) async fn issued_since(connection: &mut impl Connection, account: AccountId, since: Moment) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT COUNT(*) FROM keycard WHERE account_id = $1 AND issued_at > $2")
        .bind(account)
        .bind(since)
        .fetch_one(c))
}

/// How many cards a person ordered since then, whatever became of them.
pub(super) async fn ordered_since(connection: &mut impl Connection, account: AccountId, since: Moment) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM keycard WHERE account_id = $1 AND issued_at > $2 AND ordered_by IS NOT NULL"
    )
    .bind(account)
    .bind(since)
    .fetch_one(c))
}

/// The card that has this number at its top.
pub(super) async fn card_of_number(connection: &mut impl Connection, number: &str) -> Result<Option<Keycard>, DatabaseError> {
    let row: Option<CardRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, account_id, number, state, keys_left, issued_at, fetched_at, first_used_at, ordered_by FROM keycard WHERE number = $1"
    )
    .bind(number)
    .fetch_optional(c)
    })?;
    row.map(CardRow::keycard).transpose()
}

/// Takes a person's cards for this unit, so that of two who order at once the second sees the first's.
pub(super) async fn lock_owner(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO keycard_owner (account_id, changed_at) VALUES ($1, $2)
             ON CONFLICT (account_id) DO UPDATE SET changed_at = excluded.changed_at"
        )
        .bind(account)
        .bind(now)
    )
    .map(drop)
}

/// Counts a network's try to block a lost card. Gives how many since `since`, and when the first of them was.
pub(super) async fn count_lost_try(unit: &mut Unit, network: &str, since: Moment) -> Result<(i64, Moment), DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_as(
        "INSERT INTO keycard_lost_try (network, tries, began_at) VALUES ($1, 1, $2)
         ON CONFLICT (network) DO UPDATE SET
             tries = CASE WHEN keycard_lost_try.began_at < $3 THEN 1 ELSE keycard_lost_try.tries + 1 END,
             began_at = CASE WHEN keycard_lost_try.began_at < $3 THEN excluded.began_at ELSE keycard_lost_try.began_at END
         RETURNING tries, began_at"
    )
    .bind(network)
    .bind(now)
    .bind(since)
    .fetch_one(c))
}

/// Forgets tries of long ago. Gives how many.
pub(super) async fn forget_lost_tries(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM keycard_lost_try WHERE network IN
             (SELECT network FROM keycard_lost_try WHERE began_at < $1 ORDER BY began_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

pub(super) async fn sealed(connection: &mut impl Connection, id: KeycardId) -> Result<Option<Vec<u8>>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT sealed FROM keycard WHERE id = $1").bind(id).fetch_optional(c))
}

pub(super) async fn note_fetched(unit: &mut Unit, id: KeycardId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE keycard SET fetched_at = $1 WHERE id = $2 AND fetched_at IS NULL").bind(now).bind(id)).map(drop)
}

pub(super) async fn block(unit: &mut Unit, id: KeycardId) -> Result<bool, DatabaseError> {
    let changed = execute!(unit, sqlx::query("UPDATE keycard SET state = 'blocked' WHERE id = $1 AND state <> 'blocked'").bind(id))?;
    Ok(changed == 1)
}

pub(super) async fn block_all(unit: &mut Unit, account: AccountId) -> Result<Vec<KeycardId>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar("UPDATE keycard SET state = 'blocked' WHERE account_id = $1 AND state <> 'blocked' RETURNING id")
        .bind(account)
        .fetch_all(c))
}

/// The card that questions are asked of, taken for this unit.
#[derive(sqlx::FromRow)]
pub(super) struct UsableCard {
    pub id: KeycardId,
    pub number: String,
    pub key_numbers: String,
}

/// The card in use, or else the oldest usable one; whoever asks for the same person at once waits.
pub(super) async fn lock_usable(unit: &mut Unit, account: AccountId) -> Result<Option<UsableCard>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE keycard SET asked_at = $1
         WHERE id = (SELECT id FROM keycard WHERE account_id = $2 AND state = 'active' AND keys_left > 0
                     ORDER BY CASE WHEN first_used_at IS NULL THEN 1 ELSE 0 END, id LIMIT 1)
           AND state = 'active' AND keys_left > 0
         RETURNING id, number, key_numbers"
    )
    .bind(now)
    .bind(account)
    .fetch_optional(c))
}

/// A card that keys can be asked of, with its secret.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SealedCard {
    pub id: KeycardId,
    pub number: String,
    pub key_numbers: String,
    pub sealed: Vec<u8>,
}

/// The card that a log-in would ask, taken for nobody.
pub(super) async fn usable(connection: &mut impl Connection, account: AccountId) -> Result<Option<SealedCard>, DatabaseError> {
    fetch!(connection, |c| {
        sqlx::query_as(
            "SELECT id, number, key_numbers, sealed FROM keycard WHERE account_id = $1 AND state = 'active' AND keys_left > 0
         ORDER BY CASE WHEN first_used_at IS NULL THEN 1 ELSE 0 END, id LIMIT 1",
        )
        .bind(account)
        .fetch_optional(c)
    })
}

/// Uses up a key that was never asked for, once.
pub(super) async fn use_unasked_key(unit: &mut Unit, card: KeycardId, key_number: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let used = execute!(
        unit,
        sqlx::query(
            "INSERT INTO keycard_key (card_id, key_number, state, wrong, changed_at) VALUES ($1, $2, 'used', 0, $3)
             ON CONFLICT (card_id, key_number) DO NOTHING"
        )
        .bind(card)
        .bind(key_number)
        .bind(now)
    )?;
    Ok(used == 1)
}

/// This card of the person's, if it is usable; whoever asks for the same card at once waits.
pub(super) async fn lock_card(unit: &mut Unit, account: AccountId, card: KeycardId) -> Result<Option<UsableCard>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE keycard SET asked_at = $1 WHERE id = $2 AND account_id = $3 AND state = 'active' AND keys_left > 0
         RETURNING id, number, key_numbers"
    )
    .bind(now)
    .bind(card)
    .bind(account)
    .fetch_optional(c))
}

/// A card that another took the place of.
#[derive(sqlx::FromRow)]
pub(super) struct Former {
    pub id: KeycardId,
    pub number: String,
}

/// Ends the card in use, now that another was taken into use: none but that one, so extra cards that lie ready stay.
pub(super) async fn replace_used(unit: &mut Unit, account: AccountId, by: KeycardId) -> Result<Vec<Former>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE keycard SET state = 'replaced'
         WHERE account_id = $1 AND state = 'active' AND id <> $2 AND first_used_at IS NOT NULL
         RETURNING id, number"
    )
    .bind(account)
    .bind(by)
    .fetch_all(c))
}

/// Ends the card that would have been asked, though no key of it was used yet: the oldest, if it is older than the one taken into use.
pub(super) async fn replace_unused(unit: &mut Unit, account: AccountId, by: KeycardId) -> Result<Vec<Former>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE keycard SET state = 'replaced'
         WHERE id = (SELECT id FROM keycard WHERE account_id = $1 AND state = 'active' AND first_used_at IS NULL AND keys_left > 0
                     ORDER BY id LIMIT 1)
           AND state = 'active' AND first_used_at IS NULL AND id < $2
         RETURNING id, number"
    )
    .bind(account)
    .bind(by)
    .fetch_all(c))
}

/// The number that waits for its key.
pub(super) async fn asked_key(unit: &mut Unit, card: KeycardId) -> Result<Option<String>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar("SELECT key_number FROM keycard_key WHERE card_id = $1 AND state = 'asked' LIMIT 1")
        .bind(card)
        .fetch_optional(c))
}

/// Every number that was ever asked for.
pub(super) async fn spent_keys(connection: &mut impl Connection, card: KeycardId) -> Result<Vec<String>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT key_number FROM keycard_key WHERE card_id = $1").bind(card).fetch_all(c))
}

pub(super) async fn insert_key(unit: &mut Unit, card: KeycardId, key_number: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO keycard_key (card_id, key_number, state, wrong, changed_at) VALUES ($1, $2, 'asked', 0, $3)")
            .bind(card)
            .bind(key_number)
            .bind(now)
    )
    .map(drop)
}

/// A question's row.
#[derive(sqlx::FromRow)]
pub(super) struct Challenge {
    pub id: ChallengeId,
    pub account_id: AccountId,
    pub card_id: KeycardId,
    pub key_number: String,
    pub purpose: String,
    pub binding: Vec<u8>,
    pub expires_at: Moment,
}

pub(super) async fn insert_challenge(unit: &mut Unit, challenge: &Challenge) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO keycard_challenge (id, account_id, card_id, key_number, purpose, binding, state, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8)"
        )
        .bind(challenge.id)
        .bind(challenge.account_id)
        .bind(challenge.card_id)
        .bind(&challenge.key_number)
        .bind(&challenge.purpose)
        .bind(&challenge.binding)
        .bind(now)
        .bind(challenge.expires_at)
    )
    .map(drop)
}

/// Only the latest question of a purpose counts.
pub(super) async fn replace_open(unit: &mut Unit, account: AccountId, purpose: Purpose) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE keycard_challenge SET state = 'replaced' WHERE account_id = $1 AND purpose = $2 AND state = 'open'")
            .bind(account)
            .bind(purpose.word())
    )
    .map(drop)
}

/// An open question with its card.
#[derive(sqlx::FromRow)]
pub(super) struct OpenQuestion {
    pub card_id: KeycardId,
    pub number: String,
    pub key_number: String,
    pub sealed: Vec<u8>,
    pub expires_at: Moment,
}

pub(super) async fn open_question(
    connection: &mut impl Connection,
    id: ChallengeId,
    now: Moment,
) -> Result<Option<OpenQuestion>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT q.card_id, k.number, q.key_number, k.sealed, q.expires_at
         FROM keycard_challenge q JOIN keycard k ON k.id = q.card_id
         WHERE q.id = $1 AND q.state = 'open' AND q.expires_at > $2 AND k.state = 'active'"
    )
    .bind(id)
    .bind(now)
    .fetch_optional(c))
}

/// The open question that asks for this key of this card.
pub(super) async fn question_beside(
    connection: &mut impl Connection,
    card_number: &str,
    key_number: &str,
    now: Moment,
) -> Result<Option<ChallengeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT q.id FROM keycard_challenge q JOIN keycard k ON k.id = q.card_id
         WHERE k.number = $1 AND q.key_number = $2 AND q.state = 'open' AND q.expires_at > $3 ORDER BY q.id DESC LIMIT 1"
    )
    .bind(card_number)
    .bind(key_number)
    .bind(now)
    .fetch_optional(c))
}

/// A question that a unit may still count against.
#[derive(sqlx::FromRow)]
pub(super) struct OpenChallenge {
    pub account_id: AccountId,
    pub card_id: KeycardId,
    pub key_number: String,
}

pub(super) async fn open_challenge(unit: &mut Unit, id: ChallengeId) -> Result<Option<OpenChallenge>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_as(
        "SELECT account_id, card_id, key_number FROM keycard_challenge WHERE id = $1 AND state = 'open' AND expires_at > $2"
    )
    .bind(id)
    .bind(now)
    .fetch_optional(c))
}

/// Counts a wrong key against the number; none when it is no longer asked for.
pub(super) async fn count_wrong_on_key(
    unit: &mut Unit,
    card: KeycardId,
    key_number: &str,
    most: i64,
) -> Result<Option<i64>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE keycard_key SET wrong = wrong + 1, state = CASE WHEN wrong + 1 >= $1 THEN 'burnt' ELSE 'asked' END, changed_at = $2
         WHERE card_id = $3 AND key_number = $4 AND state = 'asked' RETURNING wrong"
    )
    .bind(most)
    .bind(now)
    .bind(card)
    .bind(key_number)
    .fetch_optional(c))
}

/// Counts a wrong key against the card, and the number that it burnt; gives how many wrong in a row.
pub(super) async fn count_wrong_on_card(unit: &mut Unit, card: KeycardId, burnt: i64, most: i64) -> Result<i64, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE keycard SET wrong = wrong + 1, keys_left = keys_left - $1,
             state = CASE WHEN state = 'active' AND wrong + 1 >= $2 THEN 'quarantined'
                          WHEN state = 'active' AND keys_left - $1 <= 0 THEN 'used_up' ELSE state END
         WHERE id = $3 RETURNING wrong"
    )
    .bind(burnt)
    .bind(most)
    .bind(card)
    .fetch_one(c))
}

pub(super) async fn close_questions_about(unit: &mut Unit, card: KeycardId, key_number: &str) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE keycard_challenge SET state = 'closed' WHERE card_id = $1 AND key_number = $2 AND state = 'open'")
            .bind(card)
            .bind(key_number)
    )
    .map(drop)
}

/// Answers an open question of this person, asked for this. Whether it was open.
pub(super) async fn answer_challenge(
    unit: &mut Unit,
    id: ChallengeId,
    account: AccountId,
    purpose: Purpose,
    binding: &[u8; 32],
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let answered = execute!(
        unit,
        sqlx::query(
            "UPDATE keycard_challenge SET state = 'answered'
             WHERE id = $1 AND account_id = $2 AND purpose = $3 AND binding = $4 AND state = 'open' AND expires_at > $5"
        )
        .bind(id)
        .bind(account)
        .bind(purpose.word())
        .bind(binding.as_slice())
        .bind(now)
    )?;
    Ok(answered == 1)
}

pub(super) async fn use_key(unit: &mut Unit, card: KeycardId, key_number: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let used = execute!(
        unit,
        sqlx::query("UPDATE keycard_key SET state = 'used', changed_at = $1 WHERE card_id = $2 AND key_number = $3 AND state = 'asked'")
            .bind(now)
            .bind(card)
            .bind(key_number)
    )?;
    Ok(used == 1)
}

/// A key that was taken off its card.
#[derive(sqlx::FromRow)]
pub(super) struct Taken {
    /// How many are left.
    pub keys_left: i64,
    /// When the first was.
    pub first_used_at: Moment,
    /// At how many left the person wants the next card; none who said nothing.
    pub order_at: Option<i64>,
}

/// Takes one key off an active card.
pub(super) async fn take_key(unit: &mut Unit, card: KeycardId) -> Result<Option<Taken>, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE keycard SET keys_left = keys_left - 1, wrong = 0, first_used_at = COALESCE(first_used_at, $1),
             state = CASE WHEN keys_left <= 1 THEN 'used_up' ELSE state END
         WHERE id = $2 AND state = 'active' AND keys_left > 0
         RETURNING keys_left, first_used_at,
             (SELECT p.order_at FROM keycard_preference p WHERE p.account_id = keycard.account_id) AS order_at"
    )
    .bind(now)
    .bind(card)
    .fetch_optional(c))
}

/// Nobody answers from this card any more.
pub(super) async fn close_questions_of(unit: &mut Unit, card: KeycardId) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE keycard_challenge SET state = 'closed' WHERE card_id = $1 AND state = 'open'").bind(card))
}

/// Questions that nobody can answer any more. Gives how many.
pub(super) async fn forget_old_questions(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM keycard_challenge WHERE id IN
             (SELECT id FROM keycard_challenge WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

/// Nobody can answer what was asked.
pub(super) async fn close_every_question(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("UPDATE keycard_challenge SET state = 'closed' WHERE state = 'open'"))
}

/// Blocks every card that is not blocked; gives whose could be used.
pub(super) async fn block_every_card(unit: &mut Unit) -> Result<(u64, Vec<AccountId>), DatabaseError> {
    let owners = fetch!(unit, |c| sqlx::query_scalar("SELECT DISTINCT account_id FROM keycard WHERE state = 'active'").fetch_all(c))?;
    let blocked = execute!(unit, sqlx::query("UPDATE keycard SET state = 'blocked' WHERE state <> 'blocked'"))?;
    Ok((blocked, owners))
}

/// Of these accounts, those whose working cards have so few keys left, taken together. An account without a working card is none of them.
pub(super) async fn few_keys_among(
    connection: &mut impl Connection,
    accounts: &[AccountId],
    at_most: i64,
) -> Result<Vec<AccountId>, DatabaseError> {
    build!(connection, "SELECT account_id FROM keycard WHERE state = 'active' AND account_id IN ", |query, c| {
        query.push("(");
        let mut list = query.separated(", ");
        for account in accounts {
            list.push_bind(*account);
        }
        query.push(") GROUP BY account_id HAVING CAST(SUM(keys_left) AS BIGINT) <= ").push_bind(at_most);
        query.build_query_scalar().fetch_all(c).await
    })
}
