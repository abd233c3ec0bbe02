//! The rows of those who may bind a company: their links, what they said, and the forms that they signed on paper.

use crate::{
    companies::model::{SeenForm, Signatory},
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{AccountId, CompanyId, SignatoryId},
        moment::Moment,
    },
};

#[derive(sqlx::FromRow)]
struct Row {
    id: SignatoryId,
    company_id: CompanyId,
    name: String,
    email: String,
    role: Option<String>,
    link_expires_at: Moment,
    accepted_at: Option<Moment>,
    declined_at: Option<Moment>,
    agreement_hash: Option<Vec<u8>>,
    signed_on: Option<String>,
    seen_by_name: Option<String>,
    scan_bytes: Option<i64>,
}

impl From<Row> for Signatory {
    fn from(row: Row) -> Self {
        let form = row.signed_on.zip(row.seen_by_name);
        Self {
            id: row.id,
            company: row.company_id,
            name: row.name,
            email: row.email,
            role: row.role,
            link_expires_at: row.link_expires_at,
            accepted_at: row.accepted_at,
            declined_at: row.declined_at,
            agreement_hash: row.agreement_hash,
            form: form.map(|(signed_on, seen_by)| SeenForm { signed_on, seen_by, has_scan: row.scan_bytes.is_some() }),
        }
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT signatory.id, company_id, name, email, role, link_expires_at, accepted_at, declined_at, agreement_hash, signed_on, \
             seen_by_name, CAST(length(scan) AS BIGINT) AS scan_bytes \
             FROM signatory LEFT JOIN agreement_form ON agreement_form.signatory_id = signatory.id ",
            $rest
        )
    };
}

pub(in crate::companies) async fn insert_signatory(
    unit: &mut Unit,
    signatory: &Signatory,
    link_hash: Option<&[u8]>,
) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO signatory (id, company_id, name, email, role, link_hash, link_expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        )
        .bind(signatory.id)
        .bind(signatory.company)
        .bind(&signatory.name)
        .bind(&signatory.email)
        .bind(&signatory.role)
        .bind(link_hash)
        .bind(signatory.link_expires_at)
    )?;
    Ok(())
}

pub(in crate::companies) async fn signatories(
    connection: &mut impl Connection,
    company: CompanyId,
) -> Result<Vec<Signatory>, DatabaseError> {
    let rows: Vec<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE company_id = $1 AND ended_at IS NULL ORDER BY signatory.id"))
            .bind(company)
            .fetch_all(c))?;
    Ok(rows.into_iter().map(Signatory::from).collect())
}

pub(in crate::companies) async fn signatory(
    connection: &mut impl Connection,
    company: CompanyId,
    id: SignatoryId,
) -> Result<Option<Signatory>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE signatory.id = $1 AND company_id = $2 AND ended_at IS NULL"))
            .bind(id)
            .bind(company)
            .fetch_optional(c))?;
    Ok(row.map(Signatory::from))
}

pub(in crate::companies) async fn signatory_by_link(
    connection: &mut impl Connection,
    link_hash: &[u8],
) -> Result<Option<Signatory>, DatabaseError> {
    let row: Option<Row> =
        fetch!(connection, |c| sqlx::query_as(select!("WHERE link_hash = $1 AND ended_at IS NULL")).bind(link_hash).fetch_optional(c))?;
    Ok(row.map(Signatory::from))
}

/// A new link for a signatory who has not accepted, also for one who declined; `false` when there is none such.
pub(in crate::companies) async fn renew_link(
    unit: &mut Unit,
    (company, signatory): (CompanyId, SignatoryId),
    link_hash: &[u8],
    expires_at: Moment,
) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE signatory SET link_hash = $1, link_expires_at = $2, declined_at = NULL
             WHERE id = $3 AND company_id = $4 AND accepted_at IS NULL AND ended_at IS NULL"
        )
        .bind(link_hash)
        .bind(expires_at)
        .bind(signatory)
        .bind(company)
    )?;
    Ok(changed == 1)
}

/// Claims a signatory's one acceptance; `false` when it is claimed, or its link declined, too old or replaced.
pub(in crate::companies) async fn claim_acceptance(
    unit: &mut Unit,
    link_hash: &[u8],
    agreement_hash: &[u8],
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE signatory SET accepted_at = $1, agreement_hash = $2
             WHERE link_hash = $3 AND accepted_at IS NULL AND declined_at IS NULL AND link_expires_at > $1"
        )
        .bind(now)
        .bind(agreement_hash)
        .bind(link_hash)
    )?;
    Ok(changed == 1)
}

/// The same on paper, whatever became of the link.
pub(in crate::companies) async fn claim_form(unit: &mut Unit, id: SignatoryId, agreement_hash: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE signatory SET accepted_at = $1, agreement_hash = $2, declined_at = NULL WHERE id = $3 AND accepted_at IS NULL")
            .bind(now)
            .bind(agreement_hash)
            .bind(id)
    )?;
    Ok(changed == 1)
}

/// Claims a signatory's one no; `false` when the link was used, is too old or replaced.
pub(in crate::companies) async fn claim_declining(unit: &mut Unit, link_hash: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE signatory SET declined_at = $1
             WHERE link_hash = $2 AND accepted_at IS NULL AND declined_at IS NULL AND link_expires_at > $1"
        )
        .bind(now)
        .bind(link_hash)
    )?;
    Ok(changed == 1)
}

/// A form that was signed on paper.
#[derive(Clone, Debug)]
pub(in crate::companies) struct NewForm {
    pub(in crate::companies) signatory: SignatoryId,
    /// `YYYY-MM-DD`.
    pub(in crate::companies) signed_on: String,
    pub(in crate::companies) seen_by: AccountId,
    pub(in crate::companies) seen_by_name: String,
}

pub(in crate::companies) async fn insert_form(unit: &mut Unit, form: &NewForm) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO agreement_form (signatory_id, signed_on, seen_by, seen_by_name, recorded_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(form.signatory)
            .bind(&form.signed_on)
            .bind(form.seen_by)
            .bind(&form.seen_by_name)
            .bind(now)
    )
    .map(drop)
}

/// Keeps the scan of a recorded form, once; `false` when none is recorded, or one is kept.
pub(in crate::companies) async fn keep_scan(unit: &mut Unit, id: SignatoryId, scan: &[u8]) -> Result<bool, DatabaseError> {
    let keep = "UPDATE agreement_form SET scan = $1 WHERE signatory_id = $2 AND scan IS NULL";
    Ok(execute!(unit, sqlx::query(keep).bind(scan).bind(id))? == 1)
}

pub(in crate::companies) async fn scan(connection: &mut impl Connection, id: SignatoryId) -> Result<Option<Vec<u8>>, DatabaseError> {
    let found: Option<Option<Vec<u8>>> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT scan FROM agreement_form WHERE signatory_id = $1").bind(id).fetch_optional(c))?;
    Ok(found.flatten())
}

/// No link of this company works any longer.
pub(in crate::companies) async fn end_links(unit: &mut Unit, company: CompanyId) -> Result<(), DatabaseError> {
    let now = unit.now();
    let end = "UPDATE signatory SET link_expires_at = $1 WHERE company_id = $2 AND accepted_at IS NULL AND link_expires_at > $1";
    execute!(unit, sqlx::query(end).bind(now).bind(company)).map(drop)
}

/// No link to an agreement works any longer. Gives how many did.
pub(in crate::companies) async fn end_every_link(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE signatory SET link_expires_at = $1 WHERE accepted_at IS NULL AND link_expires_at > $1").bind(now))
}

/// Another name or role for somebody who may sign still.
pub(in crate::companies) async fn rename_signatory(unit: &mut Unit, signatory: &Signatory) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE signatory SET name = $1, role = $2 WHERE id = $3")
            .bind(&signatory.name)
            .bind(&signatory.role)
            .bind(signatory.id)
    )
    .map(drop)
}

/// Somebody may sign for the company no longer.
pub(in crate::companies) async fn end_signatory(unit: &mut Unit, id: SignatoryId) -> Result<(), DatabaseError> {
    let now = unit.now();
    let end = "UPDATE signatory SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    execute!(unit, sqlx::query(end).bind(now).bind(id)).map(drop)
}
