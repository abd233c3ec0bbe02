//! The rows of the audit. An entry's row is never changed but once, when it gets its sequence number and hash.

use super::model::{Body, Personal};
use crate::{
    build, execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Reader, Unit, portions},
        id::{AccountId, AuditEntryId, CompanyId},
        moment::Moment,
    },
};

/// An entry's row.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub id: AuditEntryId,
    pub recorded_at: Moment,
    pub action: String,
    pub actor: String,
    pub subject: String,
    pub company_id: Option<CompanyId>,
    pub body: Vec<u8>,
    pub sequence: Option<i64>,
    pub hash: Option<Vec<u8>>,
}

/// An entry that waits for its number.
#[derive(sqlx::FromRow)]
pub(super) struct Waiting {
    pub id: AuditEntryId,
    pub action: String,
    pub body: Vec<u8>,
}

/// A checkpoint's row.
#[derive(sqlx::FromRow)]
pub(super) struct CheckpointRow {
    pub sequence: i64,
    pub head: Vec<u8>,
    pub made_at: Moment,
    pub body: Vec<u8>,
    pub signature: Vec<u8>,
    pub token: Option<Vec<u8>>,
}

pub(super) async fn insert(unit: &mut Unit, bodies: &[Body]) -> Result<(), DatabaseError> {
    for portion in portions(bodies) {
        build!(unit, "INSERT INTO audit_entry (id, recorded_at, action, actor, subject, company_id, account_id, body) ", |query, c| {
            query.push_values(portion, |mut row, body| {
                row.push_bind(body.id).push_bind(Moment::from_millis(body.at)).push_bind(&body.action);
                row.push_bind(&body.author)
                    .push_bind(&body.subject)
                    .push_bind(body.company)
                    .push_bind(body.about())
                    .push_bind(body.bytes());
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

pub(super) async fn insert_personal(unit: &mut Unit, values: &[(AuditEntryId, Personal)]) -> Result<(), DatabaseError> {
    for portion in portions(values) {
        build!(unit, "INSERT INTO audit_commitment (entry_id, name, salt, value) ", |query, c| {
            query.push_values(portion, |mut row, (entry, personal)| {
                row.push_bind(*entry).push_bind(&personal.name).push_bind(&personal.salt).push_bind(&personal.value);
            });
            query.build().execute(c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Entries without a number, oldest first.
pub(super) async fn waiting(unit: &mut Unit, most: i64) -> Result<Vec<Waiting>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_as("SELECT id, action, body FROM audit_entry WHERE sequence IS NULL ORDER BY id LIMIT $1")
        .bind(most)
        .fetch_all(c))
}

/// How many entries have no number yet.
pub(super) async fn count_waiting(reader: &mut Reader) -> Result<i64, DatabaseError> {
    fetch!(reader, |c| sqlx::query_scalar("SELECT CAST(count(*) AS BIGINT) FROM audit_entry WHERE sequence IS NULL").fetch_one(c))
}

/// Number and hash of the last entry of the chain.
pub(super) async fn tail(connection: &mut impl Connection) -> Result<Option<(i64, Vec<u8>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT sequence, hash FROM audit_entry WHERE sequence IS NOT NULL AND hash IS NOT NULL ORDER BY sequence DESC LIMIT 1"
    )
    .fetch_optional(c))
}

/// Gives entries their numbers and hashes.
///
/// # Errors
/// When one of them has a number already: another node chains at the same time, and nothing of the unit may stay.
pub(super) async fn chain(unit: &mut Unit, links: &[(AuditEntryId, i64, Vec<u8>)]) -> Result<(), DatabaseError> {
    for portion in portions(links) {
        // Both engines name the columns of VALUES so.
        let changed = build!(unit, "UPDATE audit_entry SET sequence = link.column2, hash = link.column3 FROM ", |query, c| {
            query.push("(");
            query.push_values(portion, |mut row, (id, sequence, hash)| {
                row.push_bind(*id).push_bind(*sequence).push_bind(hash);
            });
            query.push(") AS link WHERE audit_entry.id = link.column1 AND audit_entry.sequence IS NULL");
            query.build().execute(c).await.map(|done| done.rows_affected())
        })?;
        if usize::try_from(changed) != Ok(portion.len()) {
            return Err(DatabaseError::Open("another node numbers the audit's entries at the same time".into()));
        }
    }
    Ok(())
}

/// Entries of the chain after a number, in its order.
pub(super) async fn chained_after(reader: &mut Reader, sequence: i64, most: i64) -> Result<Vec<Row>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT id, recorded_at, action, actor, subject, company_id, body, sequence, hash FROM audit_entry
         WHERE sequence > $1 ORDER BY sequence LIMIT $2"
    )
    .bind(sequence)
    .bind(most)
    .fetch_all(c))
}

/// The personal values of several entries.
pub(super) async fn personal_of_all(reader: &mut Reader, entries: &[AuditEntryId]) -> Result<Vec<PersonalOf>, DatabaseError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    build!(reader, "SELECT entry_id, name, salt, value FROM audit_commitment WHERE entry_id IN ", |query, c| {
        query.push("(");
        let mut list = query.separated(", ");
        for entry in entries {
            list.push_bind(*entry);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })
}

/// A personal value with the entry that it belongs to.
#[derive(sqlx::FromRow)]
pub(super) struct PersonalOf {
    pub entry_id: AuditEntryId,
    #[sqlx(flatten)]
    pub personal: Personal,
}

/// The personal values of the entries after a number, up to another.
pub(super) async fn personal_between(reader: &mut Reader, after: i64, last: i64) -> Result<Vec<PersonalOf>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT p.entry_id, p.name, p.salt, p.value FROM audit_entry e JOIN audit_commitment p ON p.entry_id = e.id
         WHERE e.sequence > $1 AND e.sequence <= $2 ORDER BY p.entry_id, p.name"
    )
    .bind(after)
    .bind(last)
    .fetch_all(c))
}

/// What auditors look for; empty text looks for all.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub action: String,
    pub subject: String,
    pub before: AuditEntryId,
}

macro_rules! entries {
    ($rest:literal) => {
        concat!("SELECT id, recorded_at, action, actor, subject, company_id, body, sequence, hash FROM audit_entry WHERE ", $rest)
    };
}

/// Entries that fit, newest first.
pub(super) async fn list(reader: &mut Reader, filter: &Filter, most: i64) -> Result<Vec<Row>, DatabaseError> {
    let Filter { action, subject, before } = filter;
    match (subject.is_empty(), action.is_empty()) {
        (true, true) => {
            fetch!(reader, |c| sqlx::query_as(entries!("id < $1 ORDER BY id DESC LIMIT $2")).bind(before).bind(most).fetch_all(c))
        }
        (true, false) => fetch!(reader, |c| sqlx::query_as(entries!("action = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
            .bind(action)
            .bind(before)
            .bind(most)
            .fetch_all(c)),
        (false, _) => {
            fetch!(reader, |c| sqlx::query_as(entries!("subject = $1 AND id < $2 AND ($3 = '' OR action = $3) ORDER BY id DESC LIMIT $4"))
                .bind(subject)
                .bind(before)
                .bind(action)
                .bind(most)
                .fetch_all(c))
        }
    }
}

/// Entries about an account, newest first.
pub(super) async fn about(reader: &mut Reader, account: AccountId, before: AuditEntryId, most: i64) -> Result<Vec<Row>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(entries!("account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"))
        .bind(account)
        .bind(before)
        .bind(most)
        .fetch_all(c))
}

pub(super) async fn insert_checkpoint(unit: &mut Unit, row: &CheckpointRow) -> Result<bool, DatabaseError> {
    let written = execute!(
        unit,
        sqlx::query(
            "INSERT INTO audit_checkpoint (sequence, head, made_at, body, signature, token) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (sequence) DO NOTHING"
        )
        .bind(row.sequence)
        .bind(&row.head)
        .bind(row.made_at)
        .bind(&row.body)
        .bind(&row.signature)
        .bind(&row.token)
    )?;
    Ok(written == 1)
}

/// The newest checkpoint.
pub(super) async fn newest_checkpoint(reader: &mut Reader) -> Result<Option<CheckpointRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT sequence, head, made_at, body, signature, token FROM audit_checkpoint ORDER BY sequence DESC LIMIT 1"
    )
    .fetch_optional(c))
}

/// Checkpoints after a number, oldest first.
pub(super) async fn checkpoints_after(reader: &mut Reader, sequence: i64, most: i64) -> Result<Vec<CheckpointRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT sequence, head, made_at, body, signature, token FROM audit_checkpoint WHERE sequence > $1 ORDER BY sequence LIMIT $2"
    )
    .bind(sequence)
    .bind(most)
    .fetch_all(c))
}

/// Checkpoints before a number, newest first.
pub(super) async fn checkpoints_before(reader: &mut Reader, sequence: i64, most: i64) -> Result<Vec<CheckpointRow>, DatabaseError> {
    fetch!(reader, |c| sqlx::query_as(
        "SELECT sequence, head, made_at, body, signature, token FROM audit_checkpoint WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2"
    )
    .bind(sequence)
    .bind(most)
    .fetch_all(c))
}
