//! All rows of forgotten passwords that administrators have replaced.

use time::Duration;

use super::model::{LIFE, Reissue, ReissueState};
use crate::{
    execute, fetch,
    platform::{
        database::{BATCH, Connection, DatabaseError, Unit},
        id::{AccountId, CompanyId, EmployeeId, ReissueId},
        moment::Moment,
    },
};

/// Link and temporary password are not sent again before.
const AGAIN_AFTER: Duration = Duration::minutes(1);

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: ReissueId,
    company_id: CompanyId,
    employee_id: EmployeeId,
    asked_by: AccountId,
    asked_by_name: String,
    state: String,
    asked_at: Moment,
    lapses_at: Moment,
    wait_hours: i64,
    approved_by_name: Option<String>,
    given_at: Option<Moment>,
    certificates_from: Option<Moment>,
    ended_at: Option<Moment>,
}

fn noun(row: Row) -> Result<Reissue, DatabaseError> {
    let Some(state) = ReissueState::of(&row.state) else {
        return Err(DatabaseError::Corrupt { what: "state of a reissue", value: row.state });
    };
    Ok(Reissue {
        id: row.id,
        company: row.company_id,
        employee: row.employee_id,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        state,
        asked_at: row.asked_at,
        lapses_at: row.lapses_at,
        wait_hours: row.wait_hours,
        approved_by_name: row.approved_by_name,
        given_at: row.given_at,
        certificates_from: row.certificates_from,
        ended_at: row.ended_at,
    })
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, company_id, employee_id, asked_by, asked_by_name, state, asked_at, lapses_at, wait_hours, approved_by_name, given_at, \
             certificates_from, ended_at FROM reissue ",
            $rest
        )
    };
}

/// False when another one about the same employee goes on.
pub(super) async fn insert(unit: &mut Unit, new: &Reissue, stop_hash: &[u8]) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO reissue (id, company_id, employee_id, asked_by, asked_by_name, state, stop_hash, asked_at, lapses_at, wait_hours)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING"
        )
        .bind(new.id)
        .bind(new.company)
        .bind(new.employee)
        .bind(new.asked_by)
        .bind(&new.asked_by_name)
        .bind(new.state.word())
        .bind(stop_hash)
        .bind(new.asked_at)
        .bind(new.lapses_at)
        .bind(new.wait_hours)
    )?;
    Ok(stored == 1)
}

pub(super) async fn by_id(connection: &mut impl Connection, id: ReissueId) -> Result<Option<Reissue>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn by_stop(connection: &mut impl Connection, hash: &[u8]) -> Result<Option<Reissue>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE stop_hash = $1")).bind(hash).fetch_optional(c))?;
    row.map(noun).transpose()
}

/// The one about an employee that goes on.
pub(super) async fn open(connection: &mut impl Connection, employee: EmployeeId) -> Result<Option<Reissue>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE employee_id = $1 AND state IN ('asked', 'approved', 'given')"))
            .bind(employee)
            .fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn of_company(
    connection: &mut impl Connection,
    company: CompanyId,
    before: ReissueId,
    most: i64,
) -> Result<Vec<Reissue>, DatabaseError> {
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
    before: ReissueId,
    most: i64,
) -> Result<Vec<Reissue>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE employee_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(employee)
        .bind(before)
        .bind(most)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What waits for somebody of the company, by account and employment: for their approval, or for them to go on.
pub(super) async fn waiting_for(
    connection: &mut impl Connection,
    company: CompanyId,
    (account, employee): (AccountId, EmployeeId),
    now: Moment,
    most: i64,
) -> Result<Vec<Reissue>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!(
        "WHERE company_id = $1 AND state IN ('asked', 'approved') AND lapses_at > $2 AND employee_id <> $3
           AND ((state = 'asked' AND asked_by <> $4) OR (state = 'approved' AND asked_by = $4))
         ORDER BY id LIMIT $5"
    ))
    .bind(company)
    .bind(now)
    .bind(employee)
    .bind(account)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// A second administrator approves: never the one who asked.
pub(super) async fn approve(unit: &mut Unit, id: ReissueId, by: AccountId, name: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let approved = execute!(
        unit,
        sqlx::query(
            "UPDATE reissue SET state = 'approved', approved_by = $1, approved_by_name = $2
             WHERE id = $3 AND state = 'asked' AND asked_by <> $1 AND lapses_at > $4"
        )
        .bind(by)
        .bind(name)
        .bind(id)
        .bind(now)
    )?;
    Ok(approved == 1)
}

/// Link and temporary password go out, once, from the one who asked.
pub(super) async fn give(unit: &mut Unit, id: ReissueId, by: AccountId, certificates_from: Moment) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let given = execute!(
        unit,
        sqlx::query(
            "UPDATE reissue SET state = 'given', given_at = $1, certificates_from = $2
             WHERE id = $3 AND state = 'approved' AND asked_by = $4 AND lapses_at > $1"
        )
        .bind(now)
        .bind(certificates_from)
        .bind(id)
        .bind(by)
    )?;
    Ok(given == 1)
}

/// Link and temporary password go out again, from the one who asked: certificates wait anew. Not twice within a minute, so that of two at once one
/// sends them; and not for longer than a week.
pub(super) async fn give_again(unit: &mut Unit, id: ReissueId, by: AccountId, certificates_from: Moment) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let given = execute!(
        unit,
        sqlx::query(
            "UPDATE reissue SET certificates_from = $1
             WHERE id = $2 AND state = 'given' AND asked_by = $3 AND certificates_from <= $4 AND given_at > $5"
        )
        .bind(certificates_from)
        .bind(id)
        .bind(by)
        .bind(certificates_from.plus(-AGAIN_AFTER))
        .bind(now.plus(-LIFE))
    )?;
    Ok(given == 1)
}

/// Certificates may follow now.
pub(super) async fn hasten(unit: &mut Unit, id: ReissueId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let hastened = execute!(
        unit,
        sqlx::query("UPDATE reissue SET certificates_from = $1 WHERE id = $2 AND state = 'given' AND certificates_from > $1")
            .bind(now)
            .bind(id)
    )?;
    Ok(hastened == 1)
}

/// Ends it in a state where it goes on, if it is still in the state that was read. Whether this very call did.
pub(super) async fn end(unit: &mut Unit, read: &Reissue, to: ReissueState) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query(
            "UPDATE reissue SET state = $1, ended_at = $2 WHERE id = $3 AND state = $4 AND state IN ('asked', 'approved', 'given')"
        )
        .bind(to.word())
        .bind(now)
        .bind(read.id)
        .bind(read.state.word())
    )?;
    Ok(ended == 1)
}

/// What was sent and may be done by now: the oldest first.
pub(super) async fn given(connection: &mut impl Connection, now: Moment) -> Result<Vec<Reissue>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!(
        "WHERE state = 'given' AND certificates_from <= $1 ORDER BY certificates_from LIMIT 200"
    ))
    .bind(now)
    .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What nobody sent in time lapses. Gives how many.
pub(super) async fn lapse(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE reissue SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved') AND lapses_at <= $1")
            .bind(now)
    )
}

/// Everything that goes on ends. Gives how many.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE reissue SET state = 'lapsed', ended_at = $1 WHERE state IN ('asked', 'approved', 'given')").bind(now)
    )
}

/// Forgets what ended before a moment, a batch of it.
pub(super) async fn forget(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "DELETE FROM reissue WHERE id IN
             (SELECT id FROM reissue WHERE ended_at < $1 ORDER BY ended_at LIMIT $2)"
        )
        .bind(before)
        .bind(BATCH)
    )
}
