//! All rows of CPR numbers: subscriptions, what the keystore made of numbers, wrong questions.

use super::model::Subscription;
use crate::{
    execute, fetch,
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{CompanyId, EmployeeId},
        moment::Moment,
    },
};

pub(super) async fn subscription(connection: &mut impl Connection, company: CompanyId) -> Result<Option<Subscription>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT legal_ground, subscribed_at FROM cpr_subscription WHERE company_id = $1")
        .bind(company)
        .fetch_optional(c))
}

/// Whether it was not subscribed before.
pub(super) async fn subscribe(unit: &mut Unit, company: CompanyId, ground: &str, by: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let inserted = execute!(
        unit,
        sqlx::query(
            "INSERT INTO cpr_subscription (company_id, legal_ground, subscribed_by, subscribed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (company_id) DO NOTHING"
        )
        .bind(company)
        .bind(ground)
        .bind(by)
        .bind(now)
    )?;
    Ok(inserted == 1)
}

/// Takes a subscription for this unit: whoever ends it waits. `false` without one.
pub(super) async fn hold_subscription(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let held =
        execute!(unit, sqlx::query("UPDATE cpr_subscription SET subscribed_at = subscribed_at WHERE company_id = $1").bind(company))?;
    Ok(held == 1)
}

/// Whether it was subscribed.
pub(super) async fn unsubscribe(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let ended = execute!(unit, sqlx::query("DELETE FROM cpr_subscription WHERE company_id = $1").bind(company))?;
    Ok(ended == 1)
}

pub(super) async fn number_mac(connection: &mut impl Connection, employee: EmployeeId) -> Result<Option<Vec<u8>>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT number_mac FROM cpr_number WHERE employee_id = $1").bind(employee).fetch_optional(c))
}

/// Whose number it is in a company.
pub(super) async fn holder(connection: &mut impl Connection, company: CompanyId, mac: &[u8]) -> Result<Option<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT employee_id FROM cpr_number WHERE company_id = $1 AND number_mac = $2")
        .bind(company)
        .bind(mac)
        .fetch_optional(c))
}

pub(super) async fn put(unit: &mut Unit, company: CompanyId, employee: EmployeeId, mac: &[u8]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO cpr_number (employee_id, company_id, number_mac, noted_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (employee_id) DO UPDATE SET number_mac = excluded.number_mac, noted_at = excluded.noted_at"
        )
        .bind(employee)
        .bind(company)
        .bind(mac)
        .bind(now)
    )
    .map(drop)
}

/// Whether one was known. Its wrong questions are forgotten with it.
pub(super) async fn forget(unit: &mut Unit, employee: EmployeeId) -> Result<bool, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM cpr_try WHERE employee_id = $1").bind(employee))?;
    let forgotten = execute!(unit, sqlx::query("DELETE FROM cpr_number WHERE employee_id = $1").bind(employee))?;
    Ok(forgotten == 1)
}

/// How many there were.
pub(super) async fn forget_all(unit: &mut Unit, company: CompanyId) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query("DELETE FROM cpr_try WHERE employee_id IN (SELECT employee_id FROM cpr_number WHERE company_id = $1)").bind(company)
    )?;
    execute!(unit, sqlx::query("DELETE FROM cpr_number WHERE company_id = $1").bind(company))
}

/// Counts a question as wrong before it is looked at, so that those asked at once are counted one by one. Gives how many within a day, this one included.
pub(super) async fn count_try(unit: &mut Unit, employee: EmployeeId, since: Moment) -> Result<i64, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO cpr_try (employee_id, began_at, wrong) VALUES ($1, $2, 1)
         ON CONFLICT (employee_id) DO UPDATE SET
             wrong = CASE WHEN cpr_try.began_at <= $3 THEN 1 ELSE cpr_try.wrong + 1 END,
             began_at = CASE WHEN cpr_try.began_at <= $3 THEN $2 ELSE cpr_try.began_at END
         RETURNING wrong"
    )
    .bind(employee)
    .bind(now)
    .bind(since)
    .fetch_one(c))
}

/// The question was right: it counts no more.
pub(super) async fn uncount_try(unit: &mut Unit, employee: EmployeeId) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE cpr_try SET wrong = wrong - 1 WHERE employee_id = $1").bind(employee)).map(drop)
}

pub(super) async fn forget_tries(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM cpr_try WHERE employee_id IN (SELECT employee_id FROM cpr_try WHERE began_at < $1 ORDER BY began_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}
