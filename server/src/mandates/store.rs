//! The rows of changes that wait for consent.

use super::model::{Mandate, MandateState};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CompanyId, MandateId},
        moment::Moment,
    },
};

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: MandateId,
    company_id: CompanyId,
    asked_by: AccountId,
    asked_by_name: String,
    content: Vec<u8>,
    state: String,
    asked_at: Moment,
    lapses_at: Moment,
    decided_by_name: Option<String>,
    decided_at: Option<Moment>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, company_id, asked_by, asked_by_name, content, state, asked_at, lapses_at, decided_by_name, decided_at FROM mandate ",
            $rest
        )
    };
}

/// False when another one of the company waits.
pub(super) async fn insert(unit: &mut Unit, new: &Mandate) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO mandate (id, company_id, asked_by, asked_by_name, content, state, asked_at, lapses_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"
        )
        .bind(new.id)
        .bind(new.company)
        .bind(new.asked_by)
        .bind(&new.asked_by_name)
        .bind(&new.content)
        .bind(new.state.word())
        .bind(new.asked_at)
        .bind(new.lapses_at)
    )?;
    Ok(stored == 1)
}

pub(super) async fn by_id(connection: &mut impl Connection, id: MandateId) -> Result<Option<Mandate>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c))?;
    row.map(noun).transpose()
}

pub(super) async fn of_company(
    connection: &mut impl Connection,
    company: CompanyId,
    before: MandateId,
    most: i64,
) -> Result<Vec<Mandate>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE company_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(company)
        .bind(before)
        .bind(most)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// True when this very call decided it: by somebody else than the one who asked, while it waited.
pub(super) async fn decide(unit: &mut Unit, id: MandateId, to: MandateState, (by, name): (AccountId, &str)) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE mandate SET state = $1, decided_by = $2, decided_by_name = $3, decided_at = $4
             WHERE id = $5 AND state = 'asked' AND asked_by <> $2 AND lapses_at > $4"
        )
        .bind(to.word())
        .bind(by)
        .bind(name)
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// True when this very call took it back: by the one who asked, while it waited.
pub(super) async fn withdraw(unit: &mut Unit, id: MandateId, by: AccountId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let withdraw = "UPDATE mandate SET state = 'withdrawn', decided_at = $1 WHERE id = $2 AND state = 'asked' AND asked_by = $3";
    Ok(execute!(unit, sqlx::query(withdraw).bind(now).bind(id).bind(by))? == 1)
}

/// Ends what is too old. Gives how many.
pub(super) async fn lapse(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE mandate SET state = 'lapsed', decided_at = $1 WHERE state = 'asked' AND lapses_at <= $1").bind(now))
}

/// Ends everything that waits. Gives how many.
pub(super) async fn end_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE mandate SET state = 'lapsed', decided_at = $1 WHERE state = 'asked'").bind(now))
}

fn noun(row: Row) -> Result<Mandate, DatabaseError> {
    let state =
        MandateState::of(&row.state).ok_or_else(|| DatabaseError::Corrupt { what: "state of a mandate", value: row.state.clone() })?;
    Ok(Mandate {
        id: row.id,
        company: row.company_id,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        content: row.content,
        state,
        asked_at: row.asked_at,
        lapses_at: row.lapses_at,
        decided_by_name: row.decided_by_name,
        decided_at: row.decided_at,
    })
}
