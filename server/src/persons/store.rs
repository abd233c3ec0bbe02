//! All rows of persons and links.

use super::model::Member;
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, PersonId},
        moment::Moment,
    },
};

/// One waits of each account: another takes its place.
pub(super) async fn keep_link(unit: &mut Unit, account: AccountId, token_hash: &[u8], expires_at: Moment) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO person_link (account_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id) DO UPDATE SET token_hash = excluded.token_hash, created_at = excluded.created_at,
                 expires_at = excluded.expires_at"
        )
        .bind(account)
        .bind(token_hash)
        .bind(now)
        .bind(expires_at)
    )
    .map(drop)
}

/// Who began the link, and when, while it can be used.
pub(super) async fn waiting_link(
    connection: &mut impl Connection,
    token_hash: &[u8],
    now: Moment,
) -> Result<Option<(AccountId, Moment)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT account_id, created_at FROM person_link WHERE token_hash = $1 AND expires_at > $2")
        .bind(token_hash)
        .bind(now)
        .fetch_optional(c))
}

/// Whether it waited still: of two at once, one is told so.
pub(super) async fn claim_link(unit: &mut Unit, token_hash: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let claimed =
        execute!(unit, sqlx::query("DELETE FROM person_link WHERE token_hash = $1 AND expires_at > $2").bind(token_hash).bind(now))?;
    Ok(claimed == 1)
}

pub(super) async fn member(connection: &mut impl Connection, account: AccountId) -> Result<Option<Member>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT account_id, person_id, linked_at FROM person_signature WHERE account_id = $1")
        .bind(account)
        .fetch_optional(c))
}

/// The signatures of a person, in the order of their accounts.
pub(super) async fn members(connection: &mut impl Connection, person: PersonId) -> Result<Vec<Member>, DatabaseError> {
    fetch!(connection, |c| {
        sqlx::query_as("SELECT account_id, person_id, linked_at FROM person_signature WHERE person_id = $1 ORDER BY account_id LIMIT 50")
            .bind(person)
            .fetch_all(c)
    })
}

/// The signature is this person's from now on; whatever was known of it is forgotten.
pub(super) async fn put(unit: &mut Unit, account: AccountId, person: PersonId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO person_signature (account_id, person_id, linked_at) VALUES ($1, $2, $3)
             ON CONFLICT (account_id) DO UPDATE SET person_id = excluded.person_id, linked_at = excluded.linked_at"
        )
        .bind(account)
        .bind(person)
        .bind(now)
    )
    .map(drop)
}

/// All signatures of one person are another's: they were shown to be the same.
pub(super) async fn join(unit: &mut Unit, from: PersonId, into: PersonId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE person_signature SET person_id = $1 WHERE person_id = $2").bind(into).bind(from)).map(drop)
}

/// Whether it was this person's.
pub(super) async fn take_out(unit: &mut Unit, account: AccountId, person: PersonId) -> Result<bool, DatabaseError> {
    let taken =
        execute!(unit, sqlx::query("DELETE FROM person_signature WHERE account_id = $1 AND person_id = $2").bind(account).bind(person))?;
    Ok(taken == 1)
}

/// Every link on its way and every person ends. Gives how many signatures are linked no more.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM person_link WHERE expires_at IS NOT NULL"))?;
    execute!(unit, sqlx::query("DELETE FROM person_signature WHERE linked_at IS NOT NULL"))
}
