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
    performs_at: Option<Moment>,
    decided_by_name: Option<String>,
    decided_at: Option<Moment>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, company_id, asked_by, asked_by_name, content, state, asked_at, lapses_at, performs_at, \
             decided_by_name, decided_at FROM mandate ",
            $rest
        )
    };
}

/// False when another one of the company waits.
pub(super) async fn insert(unit: &mut Unit, new: &Mandate, stop_hash: &[u8]) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO mandate (id, company_id, asked_by, asked_by_name, content, state, asked_at, lapses_at, performs_at, stop_hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING"
        )
        .bind(new.id)
        .bind(new.company)
        .bind(new.asked_by)
        .bind(&new.asked_by_name)
        .bind(&new.content)
        .bind(new.state.word())
        .bind(new.asked_at)
        .bind(new.lapses_at)
        .bind(new.performs_at)
        .bind(stop_hash)
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

/// The one that is behind a mailed link.
pub(super) async fn by_stop(connection: &mut impl Connection, hash: &[u8]) -> Result<Option<Mandate>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE stop_hash = $1")).bind(hash).fetch_optional(c))?;
    row.map(noun).transpose()
}

/// The one of a company that nobody has decided, whether its time is over or not.
pub(super) async fn undecided(connection: &mut impl Connection, company: CompanyId) -> Result<Option<Mandate>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE company_id = $1 AND state = 'asked'")).bind(company).fetch_optional(c))?;
    row.map(noun).transpose()
}

/// Those of all companies that will be done by themselves, the soonest first, after the cursor.
pub(super) async fn waiting(
    connection: &mut impl Connection,
    (at, id): (Moment, MandateId),
    most: i64,
) -> Result<Vec<Mandate>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| {
        sqlx::query_as(select!("WHERE state = 'asked' AND (performs_at, id) > ($1, $2) ORDER BY performs_at, id LIMIT $3"))
            .bind(at)
            .bind(id)
            .bind(most)
            .fetch_all(c)
    })?;
    rows.into_iter().map(noun).collect()
}

/// Those that are to be done by now, the longest ago first.
pub(super) async fn due(connection: &mut impl Connection, now: Moment) -> Result<Vec<Mandate>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE state = 'asked' AND performs_at <= $1 ORDER BY performs_at LIMIT 100"))
            .bind(now)
            .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// Those whose time is over, the longest ago first.
pub(super) async fn overdue(connection: &mut impl Connection, now: Moment) -> Result<Vec<Mandate>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE state = 'asked' AND lapses_at <= $1 ORDER BY lapses_at LIMIT 100"))
            .bind(now)
            .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// True when this very call let it be done by itself.
pub(super) async fn let_pass(unit: &mut Unit, id: MandateId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let pass = "UPDATE mandate SET state = 'performed', decided_at = $1
                WHERE id = $2 AND state = 'asked' AND performs_at <= $1 AND lapses_at > $1";
    Ok(execute!(unit, sqlx::query(pass).bind(now).bind(id))? == 1)
}

/// True when this very call made it need consent: by now somebody can give it.
pub(super) async fn stop_waiting(unit: &mut Unit, id: MandateId) -> Result<bool, DatabaseError> {
    let stop = "UPDATE mandate SET performs_at = NULL WHERE id = $1 AND state = 'asked' AND performs_at IS NOT NULL";
    Ok(execute!(unit, sqlx::query(stop).bind(id))? == 1)
}

/// True when this very call refused it, by the mailed link.
pub(super) async fn refuse(unit: &mut Unit, id: MandateId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let refuse = "UPDATE mandate SET state = 'refused', decided_at = $1
                  WHERE id = $2 AND state = 'asked' AND performs_at IS NOT NULL AND lapses_at > $1";
    Ok(execute!(unit, sqlx::query(refuse).bind(now).bind(id))? == 1)
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

/// True when this very call let it lapse.
pub(super) async fn lapse(unit: &mut Unit, id: MandateId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let lapse = "UPDATE mandate SET state = 'lapsed', decided_at = $1 WHERE id = $2 AND state = 'asked'";
    Ok(execute!(unit, sqlx::query(lapse).bind(now).bind(id))? == 1)
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
        performs_at: row.performs_at,
        decided_by_name: row.decided_by_name,
        decided_at: row.decided_at,
    })
}
