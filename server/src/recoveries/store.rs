//! The rows of recoveries, and the shares released for them.

use super::model::{Recovery, RecoveryState};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CompanyId, CompanyKeyId, EmployeeId, HolderId, RecoveryId},
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
pub(super) async fn insert(unit: &mut Unit, new: &Recovery) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO recovery (id, company_id, employee_id, asked_by, asked_by_name, reason, state, asked_at, objectable_until, lapses_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING"
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
    )?;
    Ok(stored == 1)
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

/// Ends every recovery that is open, with what was released for it. Gives how many.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("DELETE FROM recovery_share"))?;
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
