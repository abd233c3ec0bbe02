//! All rows of resets, and of who asked for one.

use super::model::{Reset, ResetState};
use crate::{
    execute, fetch,
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, ApprovalId, ResetId},
        moment::Moment,
    },
};

/// How often a network asked since then, and the first of these times.
pub(super) async fn askings_of(
    connection: &mut impl Connection,
    network: &str,
    since: Moment,
) -> Result<(i64, Option<Moment>), DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT COUNT(*), MIN(begun_at) FROM reset_asking WHERE network = $1 AND begun_at > $2")
        .bind(network)
        .bind(since)
        .fetch_one(c))
}

pub(super) async fn insert_asking(unit: &mut Unit, id: ResetId, network: &str) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("INSERT INTO reset_asking (id, network, begun_at) VALUES ($1, $2, $3)").bind(id).bind(network).bind(now))
        .map(drop)
}

/// How many links went to a person since then.
pub(super) async fn links_of(connection: &mut impl Connection, account: AccountId, since: Moment) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT COUNT(*) FROM password_reset WHERE account_id = $1 AND created_at > $2")
        .bind(account)
        .bind(since)
        .fetch_one(c))
}

/// Writes a reset down, once.
pub(super) async fn insert(
    unit: &mut Unit,
    id: ResetId,
    account: AccountId,
    (link_hash, state): (&[u8], ResetState),
    expires_at: Moment,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let written = execute!(
        unit,
        sqlx::query(
            "INSERT INTO password_reset (id, account_id, link_hash, state, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (id) DO NOTHING"
        )
        .bind(id)
        .bind(account)
        .bind(link_hash)
        .bind(state.word())
        .bind(now)
        .bind(expires_at)
    )?;
    Ok(written == 1)
}

/// Ends a person's resets that are on their way, but for one.
pub(super) async fn end_others(unit: &mut Unit, account: AccountId, but: ResetId) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE password_reset SET state = 'ended' WHERE account_id = $1 AND id <> $2 AND state IN ('open', 'asked')")
            .bind(account)
            .bind(but)
    )
    .map(drop)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ResetId,
    account_id: AccountId,
    approval_id: Option<ApprovalId>,
    state: String,
    expires_at: Moment,
}

fn noun(row: Row) -> Result<Reset, DatabaseError> {
    let Row { id, account_id: account, approval_id: approval, state, expires_at } = row;
    let state = ResetState::of(&state).ok_or(DatabaseError::Corrupt { what: "state of reset", value: state })?;
    Ok(Reset { id, account, approval, state, expires_at })
}

pub(super) async fn by_link(connection: &mut impl Connection, link_hash: &[u8]) -> Result<Option<Reset>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, account_id, approval_id, state, expires_at FROM password_reset WHERE link_hash = $1"
    )
    .bind(link_hash)
    .fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn by_browser(connection: &mut impl Connection, browser_hash: &[u8]) -> Result<Option<Reset>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, account_id, approval_id, state, expires_at FROM password_reset WHERE browser_hash = $1"
    )
    .bind(browser_hash)
    .fetch_optional(c))?;
    row.map(noun).transpose()
}

/// A browser claims the link, and asks a phone: of two at once, one has it.
pub(super) async fn claim(unit: &mut Unit, id: ResetId, browser_hash: &[u8], approval: ApprovalId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let claimed = execute!(
        unit,
        sqlx::query(
            "UPDATE password_reset SET state = 'asked', browser_hash = $1, approval_id = $2
             WHERE id = $3 AND state = 'open' AND browser_hash IS NULL AND expires_at > $4"
        )
        .bind(browser_hash)
        .bind(approval)
        .bind(id)
        .bind(now)
    )?;
    Ok(claimed == 1)
}

/// The same browser asks a phone again, in place of an earlier time.
pub(super) async fn ask_again(unit: &mut Unit, id: ResetId, earlier: ApprovalId, approval: ApprovalId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let asked = execute!(
        unit,
        sqlx::query(
            "UPDATE password_reset SET approval_id = $1 WHERE id = $2 AND state = 'asked' AND approval_id = $3 AND expires_at > $4"
        )
        .bind(approval)
        .bind(id)
        .bind(earlier)
        .bind(now)
    )?;
    Ok(asked == 1)
}

/// The new password is written: once, and only for the time that was asked last.
pub(super) async fn done(unit: &mut Unit, id: ResetId, approval: ApprovalId) -> Result<bool, DatabaseError> {
    let done = execute!(
        unit,
        sqlx::query("UPDATE password_reset SET state = 'done' WHERE id = $1 AND state = 'asked' AND approval_id = $2")
            .bind(id)
            .bind(approval)
    )?;
    Ok(done == 1)
}

pub(super) async fn forget_resets(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM password_reset WHERE id IN (SELECT id FROM password_reset WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}

pub(super) async fn forget_askings(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query("DELETE FROM reset_asking WHERE id IN (SELECT id FROM reset_asking WHERE begun_at < $1 ORDER BY begun_at LIMIT $2)")
            .bind(before)
            .bind(BATCH)
    )
}

/// Every reset on its way ends. Gives how many.
pub(super) async fn end_every_reset(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE password_reset SET state = 'ended' WHERE expires_at > $1 AND state IN ('open', 'asked')").bind(now))
}
