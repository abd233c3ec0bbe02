//! All SQL of the directory.

use super::{Address, Listing};
use crate::{
    execute, fetch,
    platform::{
        database::{BATCH, DatabaseError, Reader, Unit},
        id::EmployeeId,
        moment::Moment,
    },
};

/// How many people may share an address.
const MOST: i64 = 20;

#[derive(sqlx::FromRow)]
struct Row {
    address: String,
    listed_at: Moment,
}

/// False when the person is listed so already.
pub(super) async fn list(unit: &mut Unit, employee: EmployeeId, address: &Address) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO directory_listing (employee_id, address, listed_at) VALUES ($1, $2, $3)
             ON CONFLICT (employee_id) DO UPDATE SET address = $2, listed_at = $3 WHERE directory_listing.address <> $2"
        )
        .bind(employee)
        .bind(address.as_str())
        .bind(now)
    )?;
    Ok(stored == 1)
}

/// False when the person is not listed.
pub(super) async fn unlist(unit: &mut Unit, employee: EmployeeId) -> Result<bool, DatabaseError> {
    let gone = execute!(unit, sqlx::query("DELETE FROM directory_listing WHERE employee_id = $1").bind(employee))?;
    Ok(gone == 1)
}

pub(super) async fn listing(reader: &mut Reader, employee: EmployeeId) -> Result<Option<Listing>, DatabaseError> {
    let row: Option<Row> = fetch!(reader, |c| sqlx::query_as("SELECT address, listed_at FROM directory_listing WHERE employee_id = $1")
        .bind(employee)
        .fetch_optional(c))?;
    Ok(row.map(|row| Listing { address: row.address, listed_at: row.listed_at }))
}

/// Whom one finds by this address.
pub(super) async fn listed_by(reader: &mut Reader, address: &Address) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar("SELECT employee_id FROM directory_listing WHERE address = $1 ORDER BY employee_id LIMIT $2")
        .bind(address.as_str())
        .bind(MOST)
        .fetch_all(c))
}

/// Counts a question of this network, and gives how many were counted since `since`. The row is locked until the unit ends: of many at once
/// each has its own number.
pub(super) async fn count_question(unit: &mut Unit, network: &str, since: Moment) -> Result<i64, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO directory_question (network, asked, began_at) VALUES ($1, 1, $2)
         ON CONFLICT (network) DO UPDATE SET
             asked = CASE WHEN directory_question.began_at <= $3 THEN 1 ELSE directory_question.asked + 1 END,
             began_at = CASE WHEN directory_question.began_at <= $3 THEN excluded.began_at ELSE directory_question.began_at END
         RETURNING asked"
    )
    .bind(network)
    .bind(now)
    .bind(since)
    .fetch_one(c))
}

/// Counts that began before `before`, a batch of them. Gives how many.
pub(super) async fn forget_questions(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM directory_question WHERE network IN
             (SELECT network FROM directory_question WHERE began_at < $1 ORDER BY began_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}
