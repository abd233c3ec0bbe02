//! All rows of proofing.

use super::model::{Channel, Document, DocumentKind, Method, Outcome, Proofing};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        day::Day,
        id::{EmployeeId, ProofingId},
        moment::Moment,
    },
};

fn corrupt(what: &'static str, value: &str) -> DatabaseError {
    DatabaseError::Corrupt { what, value: value.to_owned() }
}

#[derive(sqlx::FromRow)]
struct ProofingRow {
    id: ProofingId,
    employee_id: EmployeeId,
    channel: String,
    method: String,
    outcome: String,
    birth_date: Option<Vec<u8>>,
    seen_by: String,
    seen_at: Moment,
}

impl TryFrom<ProofingRow> for Proofing {
    type Error = DatabaseError;

    fn try_from(row: ProofingRow) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.id,
            employee: row.employee_id,
            channel: Channel::of(&row.channel).ok_or_else(|| corrupt("channel of a proofing", &row.channel))?,
            method: Method::of(&row.method).ok_or_else(|| corrupt("method of a proofing", &row.method))?,
            outcome: Outcome::of(&row.outcome).ok_or_else(|| corrupt("outcome of a proofing", &row.outcome))?,
            birth_date: row.birth_date,
            seen_by: row.seen_by,
            seen_at: row.seen_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct DocumentRow {
    kind: String,
    country: String,
    issuer: String,
    permit: Option<String>,
    issued_on: Option<String>,
    expires_on: Option<String>,
}

impl TryFrom<DocumentRow> for Document {
    type Error = DatabaseError;

    fn try_from(row: DocumentRow) -> Result<Self, DatabaseError> {
        let day = |text: Option<String>| text.map(|text| Day::parse(&text).ok_or_else(|| corrupt("day of a document", &text))).transpose();
        Ok(Self {
            kind: DocumentKind::of(&row.kind).ok_or_else(|| corrupt("kind of a document", &row.kind))?,
            country: row.country,
            issuer: row.issuer,
            permit: row.permit,
            issued: day(row.issued_on)?,
            expires: day(row.expires_on)?,
        })
    }
}

pub async fn insert(unit: &mut Unit, proofing: &Proofing) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO proofing (id, employee_id, channel, method, outcome, birth_date, seen_by, seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        )
        .bind(proofing.id)
        .bind(proofing.employee)
        .bind(proofing.channel.word())
        .bind(proofing.method.word())
        .bind(proofing.outcome.word())
        .bind(&proofing.birth_date)
        .bind(&proofing.seen_by)
        .bind(proofing.seen_at)
    )
    .map(drop)
}

pub async fn insert_document(
    unit: &mut Unit,
    proofing: ProofingId,
    place: i64,
    document: &Document,
    number_mac: Option<&[u8]>,
) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO proofing_document (proofing_id, place, kind, country, issuer, permit, issued_on, expires_on, number_mac)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        )
        .bind(proofing)
        .bind(place)
        .bind(document.kind.word())
        .bind(&document.country)
        .bind(&document.issuer)
        .bind(&document.permit)
        .bind(document.issued.map(|day| day.to_string()))
        .bind(document.expires.map(|day| day.to_string()))
        .bind(number_mac)
    )
    .map(drop)
}

/// Whether a document of this number was shown for another person.
pub async fn is_number_of_another(unit: &mut Unit, number_mac: &[u8], employee: EmployeeId) -> Result<bool, DatabaseError> {
    let found: Option<ProofingId> = fetch!(unit, |c| sqlx::query_scalar(
        "SELECT proofing.id FROM proofing_document JOIN proofing ON proofing.id = proofing_document.proofing_id
         WHERE proofing_document.number_mac = $1 AND proofing.employee_id <> $2 LIMIT 1"
    )
    .bind(number_mac)
    .bind(employee)
    .fetch_optional(c))?;
    Ok(found.is_some())
}

/// The record of somebody that proves most ([`Outcome`]), and of those the newest; with the newest birth date on record where it has none.
pub async fn strongest(connection: &mut impl Connection, employee: EmployeeId) -> Result<Option<Proofing>, DatabaseError> {
    let row: Option<ProofingRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT p.id, p.employee_id, p.channel, p.method, p.outcome,
                COALESCE(p.birth_date, (SELECT b.birth_date FROM proofing b WHERE b.employee_id = $1 AND b.birth_date IS NOT NULL
                                        ORDER BY b.seen_at DESC, b.id DESC LIMIT 1)) AS birth_date,
                p.seen_by, p.seen_at
         FROM proofing p WHERE p.employee_id = $1
         ORDER BY CASE p.outcome WHEN 'handed_over' THEN 0 WHEN 'by_post' THEN 1 ELSE 2 END, p.seen_at DESC, p.id DESC LIMIT 1"
    )
    .bind(employee)
    .fetch_optional(c))?;
    row.map(Proofing::try_from).transpose()
}

/// The records of somebody, the newest first, a hundred at most.
pub async fn of_employee(connection: &mut impl Connection, employee: EmployeeId) -> Result<Vec<Proofing>, DatabaseError> {
    let rows: Vec<ProofingRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, employee_id, channel, method, outcome, birth_date, seen_by, seen_at
         FROM proofing WHERE employee_id = $1 ORDER BY seen_at DESC, id DESC LIMIT 100"
    )
    .bind(employee)
    .fetch_all(c))?;
    rows.into_iter().map(Proofing::try_from).collect()
}

/// The documents of a record, as they were shown.
pub async fn documents(connection: &mut impl Connection, proofing: ProofingId) -> Result<Vec<Document>, DatabaseError> {
    let rows: Vec<DocumentRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT kind, country, issuer, permit, issued_on, expires_on FROM proofing_document WHERE proofing_id = $1 ORDER BY place"
    )
    .bind(proofing)
    .fetch_all(c))?;
    rows.into_iter().map(Document::try_from).collect()
}

/// Whether somebody of this name in the audit saw this person there.
pub async fn was_seen_by(
    connection: &mut impl Connection,
    employee: EmployeeId,
    seen_by: &str,
    channel: Channel,
) -> Result<bool, DatabaseError> {
    let found: Option<ProofingId> = fetch!(connection, |c| sqlx::query_scalar(
        "SELECT id FROM proofing WHERE employee_id = $1 AND seen_by = $2 AND channel = $3 LIMIT 1"
    )
    .bind(employee)
    .bind(seen_by)
    .bind(channel.word())
    .fetch_optional(c))?;
    Ok(found.is_some())
}

/// `false` when the record has a birth date.
pub async fn complete(unit: &mut Unit, proofing: ProofingId, sealed: &[u8]) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE proofing SET birth_date = $2 WHERE id = $1 AND birth_date IS NULL").bind(proofing).bind(sealed)
    )?;
    Ok(changed == 1)
}
