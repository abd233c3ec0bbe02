//! Rows of what a phone asks for again and again: its share, its offline codes.

use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, PhoneId},
        moment::Moment,
    },
};

/// Keeps the nonce that the next proof must be made over; an earlier one is worth nothing any more.
pub(in crate::phones) async fn keep_nonce(unit: &mut Unit, id: PhoneId, nonce: &[u8; 32], until: Moment) -> Result<bool, DatabaseError> {
    let kept = execute!(
        unit,
        sqlx::query("UPDATE phone SET nonce = $1, nonce_until = $2 WHERE id = $3 AND state = 'active'")
            .bind(nonce.as_slice())
            .bind(until)
            .bind(id)
    )?;
    Ok(kept == 1)
}

/// Uses the nonce up: one proof for each.
pub(in crate::phones) async fn use_nonce(unit: &mut Unit, id: PhoneId, nonce: &[u8; 32]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let used = execute!(
        unit,
        sqlx::query("UPDATE phone SET nonce = NULL WHERE id = $1 AND nonce = $2 AND nonce_until > $3 AND state = 'active'")
            .bind(id)
            .bind(nonce.as_slice())
            .bind(now)
    )?;
    Ok(used == 1)
}

/// What a proof of the PIN is held against. The nonce was used up, so the row is this unit's.
#[derive(sqlx::FromRow)]
pub(in crate::phones) struct Guarded {
    pub pin_key_hash: Option<Vec<u8>>,
    pub share: Option<Vec<u8>>,
    pub next_pin_key_hash: Option<Vec<u8>>,
    pub next_share: Option<Vec<u8>>,
}

pub(in crate::phones) async fn guarded(unit: &mut Unit, id: PhoneId) -> Result<Option<Guarded>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_as(
        "SELECT pin_key_hash, share, next_pin_key_hash, next_share FROM phone WHERE id = $1 AND state = 'active'"
    )
    .bind(id)
    .fetch_optional(c))
}

/// Counts a wrong proof. With the last one the shares are gone for good. Gives how many were wrong in a row.
pub(in crate::phones) async fn count_wrong_pin(unit: &mut Unit, id: PhoneId, most: i64) -> Result<i64, DatabaseError> {
    fetch!(unit, |c| sqlx::query_scalar(
        "UPDATE phone SET wrong_pins = wrong_pins + 1,
             share = CASE WHEN wrong_pins + 1 >= $1 THEN NULL ELSE share END,
             next_share = CASE WHEN wrong_pins + 1 >= $1 THEN NULL ELSE next_share END
         WHERE id = $2 RETURNING wrong_pins"
    )
    .bind(most)
    .bind(id)
    .fetch_one(c))
}

pub(in crate::phones) async fn note_right_pin(unit: &mut Unit, id: PhoneId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE phone SET wrong_pins = 0 WHERE id = $1").bind(id)).map(drop)
}

/// The new PIN has proven itself: the old one is forgotten.
pub(in crate::phones) async fn promote(unit: &mut Unit, id: PhoneId) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "UPDATE phone SET pin_key_hash = next_pin_key_hash, share = next_share, next_pin_key_hash = NULL, next_share = NULL, wrong_pins = 0
             WHERE id = $1 AND next_share IS NOT NULL"
        )
        .bind(id)
    )
    .map(drop)
}

/// Keeps a new PIN beside the old one.
pub(in crate::phones) async fn keep_next(unit: &mut Unit, id: PhoneId, pin_key_hash: &[u8], share: &[u8]) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE phone SET next_pin_key_hash = $1, next_share = $2, wrong_pins = 0 WHERE id = $3 AND state = 'active'")
            .bind(pin_key_hash)
            .bind(share)
            .bind(id)
    )
    .map(drop)
}

/// Keeps a new offline secret; codes of the old one are nothing.
pub(in crate::phones) async fn keep_offline(unit: &mut Unit, id: PhoneId, sealed: &[u8]) -> Result<bool, DatabaseError> {
    let kept = execute!(
        unit,
        sqlx::query("UPDATE phone SET offline = $1, wrong_offline = 0 WHERE id = $2 AND state = 'active'").bind(sealed).bind(id)
    )?;
    Ok(kept == 1)
}

/// A phone with offline codes.
#[derive(sqlx::FromRow)]
pub(in crate::phones) struct Offline {
    pub id: PhoneId,
    pub offline: Vec<u8>,
    pub offline_step: i64,
}

pub(in crate::phones) async fn offline_of(
    connection: &mut impl Connection,
    account: AccountId,
    most_wrong: i64,
) -> Result<Vec<Offline>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT id, offline, offline_step FROM phone
         WHERE account_id = $1 AND state = 'active' AND offline IS NOT NULL AND wrong_offline < $2 ORDER BY id LIMIT 10"
    )
    .bind(account)
    .bind(most_wrong)
    .fetch_all(c))
}

/// Burns a step: a code is taken once.
pub(in crate::phones) async fn burn_step(unit: &mut Unit, id: PhoneId, account: AccountId, step: i64) -> Result<bool, DatabaseError> {
    let burnt = execute!(
        unit,
        sqlx::query(
            "UPDATE phone SET offline_step = $1, wrong_offline = 0
             WHERE id = $2 AND account_id = $3 AND state = 'active' AND offline IS NOT NULL AND offline_step < $1"
        )
        .bind(step)
        .bind(id)
        .bind(account)
    )?;
    Ok(burnt == 1)
}

/// Takes one try of each phone of the person that has some left, before any code is looked at. Gives how many had.
pub(in crate::phones) async fn count_offline_try(unit: &mut Unit, account: AccountId, most_wrong: i64) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "UPDATE phone SET wrong_offline = wrong_offline + 1
             WHERE account_id = $1 AND state = 'active' AND offline IS NOT NULL AND wrong_offline < $2"
        )
        .bind(account)
        .bind(most_wrong)
    )
}

/// Keeps what wakes a phone, sealed; none: nothing does.
pub(in crate::phones) async fn keep_wake(unit: &mut Unit, id: PhoneId, sealed: Option<&[u8]>) -> Result<bool, DatabaseError> {
    let kept = execute!(unit, sqlx::query("UPDATE phone SET wake = $1 WHERE id = $2 AND state = 'active'").bind(sealed).bind(id))?;
    Ok(kept == 1)
}

/// What wakes a phone that serves, sealed.
pub(in crate::phones) async fn wake(connection: &mut impl Connection, id: PhoneId) -> Result<Option<Vec<u8>>, DatabaseError> {
    let found: Option<Option<Vec<u8>>> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT wake FROM phone WHERE id = $1 AND state = 'active'").bind(id).fetch_optional(c))?;
    Ok(found.flatten())
}

/// Forgets what wakes a phone, if it is still this. Whether it was.
pub(in crate::phones) async fn forget_wake(unit: &mut Unit, id: PhoneId, sealed: &[u8]) -> Result<bool, DatabaseError> {
    let forgotten = execute!(unit, sqlx::query("UPDATE phone SET wake = NULL WHERE id = $1 AND wake = $2").bind(id).bind(sealed))?;
    Ok(forgotten == 1)
}

/// Which phones of a person can be woken.
pub(in crate::phones) async fn wakeable(connection: &mut impl Connection, account: AccountId) -> Result<Vec<PhoneId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT id FROM phone WHERE account_id = $1 AND state = 'active' AND wake IS NOT NULL ORDER BY id"
    )
    .bind(account)
    .fetch_all(c))
}
