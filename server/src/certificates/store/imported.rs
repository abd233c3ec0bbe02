//! Rows of certificates that were issued elsewhere.

use certs::elsewhere::Use;
use openssl::x509::X509;

use crate::{
    certificates::imported::{Imported, KeyHome, Prepared, Standing},
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Reader, Unit},
        id::{CertificateId, CompanyId},
        limits,
        moment::Moment,
    },
};

#[derive(sqlx::FromRow)]
struct Row {
    id: CertificateId,
    company_id: CompanyId,
    purpose: String,
    state: String,
    key_label: String,
    key_home: String,
    certificate: Vec<u8>,
    chain: Vec<u8>,
    fingerprint: Vec<u8>,
    subject: String,
    issuer: String,
    email: Option<String>,
    not_before: Moment,
    not_after: Moment,
    imported_at: Moment,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, company_id, purpose, state, key_label, key_home, certificate, chain, fingerprint, subject, issuer, email, \
             not_before, not_after, imported_at FROM imported_certificate ",
            $rest
        )
    };
}

impl TryFrom<Row> for Imported {
    type Error = DatabaseError;

    fn try_from(row: Row) -> Result<Self, DatabaseError> {
        let corrupt = |what, value: &str| DatabaseError::Corrupt { what, value: value.to_owned() };
        Ok(Self {
            id: row.id,
            company: row.company_id,
            purpose: Use::parse(&row.purpose).ok_or_else(|| corrupt("purpose", &row.purpose))?,
            standing: Standing::of(&row.state).ok_or_else(|| corrupt("standing", &row.state))?,
            key_label: row.key_label,
            key_home: KeyHome::of(&row.key_home).ok_or_else(|| corrupt("key home", &row.key_home))?,
            chain: parsed(&row.chain).ok_or_else(|| corrupt("chain", "PEM"))?,
            der: row.certificate,
            fingerprint: row.fingerprint,
            subject: row.subject,
            issuer: row.issuer,
            email: row.email,
            not_before: row.not_before,
            not_after: row.not_after,
            imported_at: row.imported_at,
        })
    }
}

/// The chain rests as PEM, one certificate after the other.
fn parsed(pem: &[u8]) -> Option<Vec<Vec<u8>>> {
    if pem.is_empty() {
        return Some(Vec::new());
    }
    X509::stack_from_pem(pem).ok()?.iter().map(|one| one.to_der().ok()).collect()
}

fn written(chain: &[Vec<u8>]) -> Option<Vec<u8>> {
    let pem: Option<Vec<Vec<u8>>> = chain.iter().map(|der| X509::from_der(der).ok()?.to_pem().ok()).collect();
    Some(pem?.concat())
}

/// False when a certificate of this fingerprint is here already.
pub async fn insert(unit: &mut Unit, prepared: &Prepared) -> Result<bool, DatabaseError> {
    let (now, examined) = (unit.now(), &prepared.examined);
    let chain = written(&examined.chain).ok_or_else(|| DatabaseError::Corrupt { what: "chain", value: examined.issuer.clone() })?;
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO imported_certificate (id, company_id, purpose, state, key_label, key_home, certificate, chain, fingerprint, subject,
             issuer, email, not_before, not_after, imported_at)
             VALUES ($1, $2, $3, 'intended', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING"
        )
        .bind(prepared.id)
        .bind(prepared.company)
        .bind(prepared.purpose.word())
        .bind(prepared.label.as_str())
        .bind(prepared.home().word())
        .bind(&examined.certificate)
        .bind(&chain)
        .bind(examined.fingerprint.as_slice())
        .bind(&examined.subject)
        .bind(&examined.issuer)
        .bind(examined.addresses.first())
        .bind(Moment::from_datetime(examined.not_before))
        .bind(Moment::from_datetime(examined.not_after))
        .bind(now)
    )?;
    Ok(stored == 1)
}

/// Whether the certificate of this fingerprint awaits its key.
pub async fn is_under_way(unit: &mut Unit, fingerprint: &[u8]) -> Result<bool, DatabaseError> {
    let found: Option<CertificateId> =
        fetch!(unit, |c| sqlx::query_scalar("SELECT id FROM imported_certificate WHERE fingerprint = $1 AND state = 'intended'")
            .bind(fingerprint)
            .fetch_optional(c))?;
    Ok(found.is_some())
}

/// Counts a try of a company, and gives how many were counted since `since`. The row is locked until the unit ends.
pub async fn count_try(unit: &mut Unit, company: CompanyId, since: Moment) -> Result<i64, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO import_try (company_id, tries, began_at) VALUES ($1, 1, $2)
         ON CONFLICT (company_id) DO UPDATE SET
             tries = CASE WHEN import_try.began_at <= $3 THEN 1 ELSE import_try.tries + 1 END,
             began_at = CASE WHEN import_try.began_at <= $3 THEN excluded.began_at ELSE import_try.began_at END
         RETURNING tries"
    )
    .bind(company)
    .bind(now)
    .bind(since)
    .fetch_one(c))
}

pub async fn activate(unit: &mut Unit, id: CertificateId) -> Result<bool, DatabaseError> {
    let changed =
        execute!(unit, sqlx::query("UPDATE imported_certificate SET state = 'active' WHERE id = $1 AND state = 'intended'").bind(id))?;
    Ok(changed == 1)
}

pub async fn remove(unit: &mut Unit, id: CertificateId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE imported_certificate SET state = 'removed', removed_at = $1 WHERE id = $2 AND state = 'active'")
            .bind(now)
            .bind(id)
    )?;
    Ok(changed == 1)
}

/// All of a company's that were to be used or on their way, removed by this very call.
pub async fn remove_all(unit: &mut Unit, company: CompanyId) -> Result<Vec<Imported>, DatabaseError> {
    let now = unit.now();
    let rows: Vec<Row> = fetch!(unit, |c| sqlx::query_as(
        "UPDATE imported_certificate SET state = 'removed', removed_at = $1 WHERE company_id = $2 AND state IN ('active', 'intended')
         RETURNING id, company_id, purpose, state, key_label, key_home, certificate, chain, fingerprint, subject, issuer, email, not_before,
                   not_after, imported_at"
    )
    .bind(now)
    .bind(company)
    .fetch_all(c))?;
    rows.into_iter().map(Imported::try_from).collect()
}

/// Whether it still awaits its key.
pub async fn is_intended(reader: &mut Reader, id: CertificateId) -> Result<bool, DatabaseError> {
    let found: Option<String> =
        fetch!(reader, |c| sqlx::query_scalar("SELECT state FROM imported_certificate WHERE id = $1").bind(id).fetch_optional(c))?;
    Ok(found.as_deref() == Some(Standing::Intended.word()))
}

/// Removes what never became active.
pub async fn give_up(unit: &mut Unit, id: CertificateId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE imported_certificate SET state = 'removed', removed_at = $1 WHERE id = $2 AND state = 'intended'")
            .bind(now)
            .bind(id)
    )?;
    Ok(changed == 1)
}

pub async fn note_key_deleted(unit: &mut Unit, id: CertificateId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("UPDATE imported_certificate SET key_deleted_at = $1 WHERE id = $2 AND key_deleted_at IS NULL").bind(now).bind(id)
    )
    .map(drop)
}

/// A company's that are active, the newest first.
pub async fn of_company(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Imported>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE company_id = $1 AND state = 'active' ORDER BY id DESC LIMIT $2"))
            .bind(company)
            .bind(limits::PAGE_ROWS)
            .fetch_all(c))?;
    rows.into_iter().map(Imported::try_from).collect()
}

/// One of a company's that is active.
pub async fn active(connection: &mut impl Connection, company: CompanyId, id: CertificateId) -> Result<Option<Imported>, DatabaseError> {
    let row: Option<Row> = fetch!(connection, |c| sqlx::query_as(select!("WHERE company_id = $1 AND id = $2 AND state = 'active'"))
        .bind(company)
        .bind(id)
        .fetch_optional(c))?;
    row.map(Imported::try_from).transpose()
}

/// Active ones that end after `from` and not after `to`, of which nobody was told so many days before.
pub async fn untold(reader: &mut Reader, (from, to): (Moment, Moment), days: i64) -> Result<Vec<Imported>, DatabaseError> {
    let rows: Vec<Row> = fetch!(reader, |c| sqlx::query_as(select!(
        "WHERE state = 'active' AND not_after > $1 AND not_after <= $2
           AND NOT EXISTS (SELECT 1 FROM ending_told WHERE subject_id = imported_certificate.id AND days = $3)
         ORDER BY company_id, id LIMIT 500"
    ))
    .bind(from)
    .bind(to)
    .bind(days)
    .fetch_all(c))?;
    rows.into_iter().map(Imported::try_from).collect()
}

/// What was intended before a moment and never became active.
pub async fn left_behind(reader: &mut Reader, before: Moment) -> Result<Vec<Imported>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(reader, |c| sqlx::query_as(select!("WHERE state = 'intended' AND imported_at < $1 ORDER BY imported_at LIMIT 100"))
            .bind(before)
            .fetch_all(c))?;
    rows.into_iter().map(Imported::try_from).collect()
}

/// What is removed while its key is there.
pub async fn with_key_left(reader: &mut Reader) -> Result<Vec<Imported>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(reader, |c| sqlx::query_as(select!("WHERE state = 'removed' AND key_deleted_at IS NULL ORDER BY id LIMIT 100"))
            .fetch_all(c))?;
    rows.into_iter().map(Imported::try_from).collect()
}
