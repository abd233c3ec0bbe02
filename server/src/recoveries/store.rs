//! The rows of recoveries, and the shares released for them.

use std::collections::BTreeMap;

use time::Duration;

use super::model::{Recovery, RecoveryState};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CompanyId, CompanyKeyId, EmployeeId, HolderId, RecoveryId, SignatoryId},
        moment::Moment,
    },
};

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: RecoveryId,
    company_id: CompanyId,
    employee_id: EmployeeId,
    asked_by: AccountId,
    asked_by_name: String,
    reason: String,
    state: String,
    asked_at: Moment,
    objectable_until: Moment,
    lapses_at: Moment,
    approved_by: Option<HolderId>,
    approved_by_name: Option<String>,
    approved_at: Option<Moment>,
    ended_at: Option<Moment>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, company_id, employee_id, asked_by, asked_by_name, reason, state, asked_at, objectable_until, lapses_at, approved_by, \
             approved_by_name, approved_at, ended_at FROM recovery ",
            $rest
        )
    };
}

/// False when another one about the same employee goes on.
pub(super) async fn insert(unit: &mut Unit, new: &Recovery, objection_hash: Option<&[u8]>) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO recovery (id, company_id, employee_id, asked_by, asked_by_name, reason, state, asked_at, objectable_until, lapses_at,
             objection_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING"
        )
        .bind(new.id)
        .bind(new.company)
        .bind(new.employee)
        .bind(new.asked_by)
        .bind(&new.asked_by_name)
        .bind(&new.reason)
        .bind(new.state.word())
        .bind(new.asked_at)
        .bind(new.objectable_until)
        .bind(new.lapses_at)
        .bind(objection_hash)
    )?;
    Ok(stored == 1)
}

/// The recovery that a mailed link objects to.
pub(super) async fn by_objection(connection: &mut impl Connection, hash: &[u8]) -> Result<Option<Recovery>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE objection_hash = $1")).bind(hash).fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn by_id(connection: &mut impl Connection, id: RecoveryId) -> Result<Option<Recovery>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn of_company(
    connection: &mut impl Connection,
    company: CompanyId,
    before: RecoveryId,
    most: i64,
) -> Result<Vec<Recovery>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE company_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(company)
        .bind(before)
        .bind(most)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

pub(super) async fn of_employee(
    connection: &mut impl Connection,
    employee: EmployeeId,
    before: RecoveryId,
    most: i64,
) -> Result<Vec<Recovery>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE employee_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(employee)
        .bind(before)
        .bind(most)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What waits for somebody of the company: for their approval, or, when nobody can object any more, for them to collect.
pub(super) async fn waiting_for(
    connection: &mut impl Connection,
    company: CompanyId,
    account: AccountId,
    now: Moment,
    most: i64,
) -> Result<Vec<Recovery>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!(
        "WHERE company_id = $1 AND state IN ('asked', 'approved') AND lapses_at > $2
           AND ((state = 'asked' AND asked_by <> $3) OR (state = 'approved' AND asked_by = $3 AND objectable_until <= $2))
         ORDER BY id LIMIT $4"
    ))
    .bind(company)
    .bind(now)
    .bind(account)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What is passed on counts for so long.
const PASSED: Duration = Duration::days(14);

pub(super) async fn pass_on(
    unit: &mut Unit,
    key: CompanyKeyId,
    (from, to): (HolderId, HolderId),
    sealed: &[u8],
) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO share_passing (company_key_id, from_holder, to_holder, sealed, passed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (company_key_id, from_holder, to_holder) DO UPDATE SET sealed = excluded.sealed, passed_at = excluded.passed_at"
        )
        .bind(key)
        .bind(from)
        .bind(to)
        .bind(sealed)
        .bind(now)
    )
    .map(drop)
}

/// The shares passed on to a holder, one of each generation.
pub(super) async fn passed_to(
    connection: &mut impl Connection,
    to: HolderId,
    now: Moment,
) -> Result<Vec<(CompanyKeyId, Vec<u8>)>, DatabaseError> {
    let rows: Vec<(CompanyKeyId, Vec<u8>)> = fetch!(connection, |c| sqlx::query_as(
        "SELECT company_key_id, sealed FROM share_passing WHERE to_holder = $1 AND passed_at > $2 ORDER BY company_key_id, from_holder"
    )
    .bind(to)
    .bind(now.plus(-PASSED))
    .fetch_all(c))?;
    Ok(rows.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
}

/// What was passed on to a holder is used up; what is too old goes with it.
pub(super) async fn forget_passed(unit: &mut Unit, to: HolderId) -> Result<(), DatabaseError> {
    let before = unit.now().plus(-PASSED);
    execute!(unit, sqlx::query("DELETE FROM share_passing WHERE to_holder = $1 OR passed_at <= $2").bind(to).bind(before)).map(drop)
}

/// A mailed link, by the hash of its token.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SignatoryLink {
    pub(super) link_hash: Vec<u8>,
    pub(super) signatory_id: SignatoryId,
    pub(super) company_id: CompanyId,
    pub(super) recovery_id: Option<RecoveryId>,
    pub(super) tries: i64,
    pub(super) expires_at: Moment,
    pub(super) used_at: Option<Moment>,
}

pub(super) async fn insert_link(
    unit: &mut Unit,
    hash: &[u8],
    (signatory, company): (SignatoryId, CompanyId),
    recovery: Option<RecoveryId>,
    expires_at: Moment,
) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO signatory_link (link_hash, signatory_id, company_id, recovery_id, tries, expires_at) VALUES ($1, $2, $3, $4, 0, $5)"
        )
        .bind(hash)
        .bind(signatory)
        .bind(company)
        .bind(recovery)
        .bind(expires_at)
    )
    .map(drop)
}

pub(super) async fn link(connection: &mut impl Connection, hash: &[u8]) -> Result<Option<SignatoryLink>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT link_hash, signatory_id, company_id, recovery_id, tries, expires_at, used_at FROM signatory_link WHERE link_hash = $1"
    )
    .bind(hash)
    .fetch_optional(c))
}

/// True when this very call used it.
pub(super) async fn use_link(unit: &mut Unit, hash: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let used = execute!(
        unit,
        sqlx::query("UPDATE signatory_link SET used_at = $1 WHERE link_hash = $2 AND used_at IS NULL AND expires_at > $1")
            .bind(now)
            .bind(hash)
    )?;
    Ok(used == 1)
}

pub(super) async fn count_try(unit: &mut Unit, hash: &[u8]) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE signatory_link SET tries = tries + 1 WHERE link_hash = $1").bind(hash)).map(drop)
}

/// Offers that were not taken are dead; questions about recoveries are not touched.
pub(super) async fn withdraw_offers(unit: &mut Unit, signatory: SignatoryId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE signatory_link SET used_at = $1 WHERE signatory_id = $2 AND used_at IS NULL AND recovery_id IS NULL")
            .bind(now)
            .bind(signatory)
    )
    .map(drop)
}

/// True when this very call approved it: by somebody else than the one who asked, while it waited.
pub(super) async fn approve(unit: &mut Unit, id: RecoveryId, approver: HolderId, name: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE recovery SET state = 'approved', approved_by = $1, approved_by_name = $2, approved_at = $3
             WHERE id = $4 AND state = 'asked' AND asked_by <> $1 AND lapses_at > $3"
        )
        .bind(approver)
        .bind(name)
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// True when this very call handed it out, to the one who asked.
pub(super) async fn collect(unit: &mut Unit, id: RecoveryId, asker: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE recovery SET state = 'collected', ended_at = $1
             WHERE id = $2 AND state = 'approved' AND asked_by = $3 AND lapses_at > $1"
        )
        .bind(now)
        .bind(id)
        .bind(asker)
    )?;
    Ok(changed == 1)
}

/// True when this very call ended it while it went on.
pub(super) async fn end(unit: &mut Unit, id: RecoveryId, to: RecoveryState) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE recovery SET state = $1, ended_at = $2 WHERE id = $3 AND state IN ('asked', 'approved')")
            .bind(to.word())
            .bind(now)
            .bind(id)
    )?;
    Ok(changed == 1)
}

/// Ends everything that is too old, with what was released for it. Gives how many.
pub(super) async fn lapse(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM recovery_share WHERE recovery_id IN
             (SELECT id FROM recovery WHERE state IN ('asked', 'approved') AND lapses_at <= $1)"
        )
        .bind(now)
    )?;
    execute!(
        unit,
        sqlx::query("UPDATE recovery SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved') AND lapses_at <= $1")
            .bind(now)
    )
}

/// Ends every recovery that is open, with what was released for it, what was passed on, and every mailed link. Gives how many recoveries.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("DELETE FROM recovery_share"))?;
    execute!(unit, sqlx::query("DELETE FROM share_passing"))?;
    execute!(unit, sqlx::query("UPDATE signatory_link SET used_at = $1 WHERE used_at IS NULL").bind(now))?;
    execute!(unit, sqlx::query("UPDATE recovery SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved')").bind(now))
}

pub(super) async fn insert_released(unit: &mut Unit, id: RecoveryId, key: CompanyKeyId, sealed: &[u8]) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("INSERT INTO recovery_share (recovery_id, company_key_id, sealed) VALUES ($1, $2, $3)").bind(id).bind(key).bind(sealed)
    )
    .map(drop)
}

/// The shares released for a recovery, by company's key.
pub(super) async fn released(connection: &mut impl Connection, id: RecoveryId) -> Result<Vec<(CompanyKeyId, Vec<u8>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT company_key_id, sealed FROM recovery_share WHERE recovery_id = $1").bind(id).fetch_all(c))
}

pub(super) async fn delete_released(unit: &mut Unit, id: RecoveryId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM recovery_share WHERE recovery_id = $1").bind(id)).map(drop)
}

fn noun(row: Row) -> Result<Recovery, DatabaseError> {
    let state = RecoveryState::of(&row.state).ok_or_else(|| DatabaseError::Corrupt { what: "recovery state", value: row.state.clone() })?;
    Ok(Recovery {
        id: row.id,
        company: row.company_id,
        employee: row.employee_id,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        reason: row.reason,
        state,
        asked_at: row.asked_at,
        objectable_until: row.objectable_until,
        lapses_at: row.lapses_at,
        approved_by: row.approved_by,
        approved_by_name: row.approved_by_name,
        approved_at: row.approved_at,
        ended_at: row.ended_at,
    })
}
