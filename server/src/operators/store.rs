//! The rows of changes. Nothing is decided here but races.

use super::model::{Change, ChangeKind, ChangeState, words};
use crate::{
    execute, fetch,
    platform::{
        actor::Role,
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, OperatorChangeId},
        moment::Moment,
        words::Language,
    },
};

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: OperatorChangeId,
    kind: String,
    account_id: AccountId,
    name: String,
    email: String,
    language: String,
    roles: String,
    asked_by: AccountId,
    asked_by_name: String,
    state: String,
    asked_at: Moment,
    lapses_at: Moment,
    effective_at: Option<Moment>,
    decided_by_name: Option<String>,
    ended_at: Option<Moment>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, account_id, name, email, language, roles, asked_by, asked_by_name, state, asked_at, lapses_at, effective_at, \
             decided_by_name, ended_at FROM operator_change ",
            $rest
        )
    };
}

/// What an invitation needs in order to take effect.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Secrets {
    pub(super) link_hash: Option<Vec<u8>>,
    pub(super) code_verifier: Option<Vec<u8>>,
    pub(super) sealed: Option<Vec<u8>>,
}

/// False when something about the same person waits.
pub(super) async fn insert(unit: &mut Unit, new: &Change, secrets: &Secrets) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO operator_change (id, kind, account_id, subject, name, email, language, roles, asked_by, asked_by_name, state,
             asked_at, lapses_at, effective_at, link_hash, code_verifier, sealed)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING"
        )
        .bind(new.id)
        .bind(new.kind.word())
        .bind(new.account)
        .bind(new.subject())
        .bind(&new.name)
        .bind(&new.email)
        .bind(new.language.tag())
        .bind(words(&new.roles))
        .bind(new.asked_by)
        .bind(&new.asked_by_name)
        .bind(new.state.word())
        .bind(new.asked_at)
        .bind(new.lapses_at)
        .bind(new.effective_at)
        .bind(secrets.link_hash.as_deref())
        .bind(secrets.code_verifier.as_deref())
        .bind(secrets.sealed.as_deref())
    )?;
    Ok(stored == 1)
}

pub(super) async fn by_id(connection: &mut impl Connection, id: OperatorChangeId) -> Result<Option<Change>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE id = $1")).bind(id).fetch_optional(c))?;
    row.map(noun).transpose()
}

/// The newest first.
pub(super) async fn page(connection: &mut impl Connection, before: OperatorChangeId, most: i64) -> Result<Vec<Change>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE id < $1 ORDER BY id DESC LIMIT $2")).bind(before).bind(most).fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

/// What waits to take effect by itself, and should have by now.
pub(super) async fn due(connection: &mut impl Connection, now: Moment) -> Result<Vec<Change>, DatabaseError> {
    let rows: Vec<Row> = fetch!(connection, |c| sqlx::query_as(select!(
        "WHERE state = 'asked' AND effective_at <= $1 AND lapses_at > $1 ORDER BY id LIMIT 100"
    ))
    .bind(now)
    .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

pub(super) async fn secrets(unit: &mut Unit, id: OperatorChangeId) -> Result<Option<Secrets>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_as("SELECT link_hash, code_verifier, sealed FROM operator_change WHERE id = $1")
        .bind(id)
        .fetch_optional(c))
}

/// True when this very call made it take effect: by somebody else than whoever asked, while it waited.
pub(super) async fn consent(unit: &mut Unit, id: OperatorChangeId, by: AccountId, name: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE operator_change SET state = 'done', decided_by = $1, decided_by_name = $2, ended_at = $3, link_hash = NULL,
                 code_verifier = NULL, sealed = NULL
             WHERE id = $4 AND state = 'asked' AND asked_by <> $1 AND lapses_at > $3"
        )
        .bind(by)
        .bind(name)
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// True when this very call made it take effect, since its waiting time is over.
pub(super) async fn let_pass(unit: &mut Unit, id: OperatorChangeId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE operator_change SET state = 'done', ended_at = $1, link_hash = NULL, code_verifier = NULL, sealed = NULL
             WHERE id = $2 AND state = 'asked' AND effective_at <= $1 AND lapses_at > $1"
        )
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// It needs consent from now on: there is somebody who can give it.
pub(super) async fn stop_waiting(unit: &mut Unit, id: OperatorChangeId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE operator_change SET effective_at = NULL WHERE id = $1 AND state = 'asked' AND effective_at IS NOT NULL")
            .bind(id)
    )?;
    Ok(changed == 1)
}

/// True when this very call ended it while it waited.
pub(super) async fn end(
    unit: &mut Unit,
    id: OperatorChangeId,
    to: ChangeState,
    (by, name): (AccountId, &str),
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE operator_change SET state = $1, decided_by = $2, decided_by_name = $3, ended_at = $4, link_hash = NULL,
                 code_verifier = NULL, sealed = NULL
             WHERE id = $5 AND state = 'asked' AND lapses_at > $4"
        )
        .bind(to.word())
        .bind(by)
        .bind(name)
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// What an operator asked, who may ask no more, is withdrawn. Gives how many.
pub(super) async fn end_of_asker(unit: &mut Unit, asker: AccountId) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE operator_change SET state = 'withdrawn', ended_at = $1, link_hash = NULL, code_verifier = NULL, sealed = NULL
             WHERE state = 'asked' AND asked_by = $2"
        )
        .bind(now)
        .bind(asker)
    )
}

/// True when this very call ended it, since nobody consented in time.
pub(super) async fn lapse(unit: &mut Unit, id: OperatorChangeId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE operator_change SET state = 'lapsed', ended_at = $1, link_hash = NULL, code_verifier = NULL, sealed = NULL
             WHERE state = 'asked' AND lapses_at <= $1 AND id = $2"
        )
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// Ends everything that waits. Gives how many.
pub(super) async fn end_every_change(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "UPDATE operator_change SET state = 'lapsed', ended_at = $1, link_hash = NULL, code_verifier = NULL, sealed = NULL
             WHERE state = 'asked'"
        )
        .bind(now)
    )
}

/// What is to lapse, a round's worth: read before it is ended, so that each can be told.
pub(super) async fn lapsing(unit: &mut Unit) -> Result<Vec<Change>, DatabaseError> {
    let now = unit.now();
    let rows: Vec<Row> = fetch!(unit, |c| sqlx::query_as(select!("WHERE state = 'asked' AND lapses_at <= $1 ORDER BY id LIMIT 100"))
        .bind(now)
        .fetch_all(c))?;
    rows.into_iter().map(noun).collect()
}

fn noun(row: Row) -> Result<Change, DatabaseError> {
    let corrupt = |what, value: &str| DatabaseError::Corrupt { what, value: value.to_owned() };
    let roles = row.roles.split(',').filter(|word| !word.is_empty());
    let roles = roles.map(|word| Role::of(word).ok_or_else(|| corrupt("role", word))).collect::<Result<_, _>>()?;
    Ok(Change {
        id: row.id,
        kind: ChangeKind::of(&row.kind).ok_or_else(|| corrupt("kind of change", &row.kind))?,
        account: row.account_id,
        name: row.name,
        email: row.email,
        language: Language::of(&row.language).ok_or_else(|| corrupt("language", &row.language))?,
        roles,
        asked_by: row.asked_by,
        asked_by_name: row.asked_by_name,
        state: ChangeState::of(&row.state).ok_or_else(|| corrupt("state of a change", &row.state))?,
        asked_at: row.asked_at,
        lapses_at: row.lapses_at,
        effective_at: row.effective_at,
        decided_by_name: row.decided_by_name,
        ended_at: row.ended_at,
    })
}
