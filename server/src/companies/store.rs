//! The rows of companies, signatories, agreements and administrators. Nothing is decided here but races.

mod units;

use certs::name::{EmailAddress, GivenName, Surname};

use super::model::{Company, CompanyKind, CompanyState, Nominee, Signatory};
use crate::{
    execute, fetch,
    platform::{
        cursor::Cursor,
        database::{Connection, DatabaseError, Unit},
        id::{CompanyId, EmployeeId, Id as _, SignatoryId},
        moment::Moment,
    },
};

pub(super) use units::{NewUnit, unit_of};

#[derive(sqlx::FromRow)]
struct CompanyRow {
    id: CompanyId,
    kind: String,
    number: String,
    cvr: Option<String>,
    legal_name: String,
    certificate_name: String,
    street: String,
    postal_code: String,
    city: String,
    state: String,
    pending: i64,
    administrators: i64,
    nominee_given_name: Option<String>,
    nominee_surname: Option<String>,
    nominee_email: Option<String>,
    registered_at: Moment,
    activated_at: Option<Moment>,
}

impl TryFrom<CompanyRow> for Company {
    type Error = DatabaseError;

    fn try_from(row: CompanyRow) -> Result<Self, DatabaseError> {
        let corrupt = |what, value: &str| DatabaseError::Corrupt { what, value: value.to_owned() };
        let nominee = match (row.nominee_given_name, row.nominee_surname, row.nominee_email) {
            (Some(given_name), Some(surname), Some(email)) => Some(Nominee {
                given_name: GivenName::parse(&given_name).map_err(|_| corrupt("given name", &given_name))?,
                surname: Surname::parse(&surname).map_err(|_| corrupt("surname", &surname))?,
                email: EmailAddress::parse(&email).map_err(|_| corrupt("e-mail address", &email))?,
            }),
            _ => None,
        };
        Ok(Self {
            kind: CompanyKind::of(&row.kind).ok_or_else(|| corrupt("kind of company", &row.kind))?,
            state: CompanyState::of(&row.state).ok_or_else(|| corrupt("state of a company", &row.state))?,
            id: row.id,
            number: row.number,
            cvr: row.cvr,
            legal_name: row.legal_name,
            certificate_name: row.certificate_name,
            street: row.street,
            postal_code: row.postal_code,
            city: row.city,
            pending: row.pending,
            administrators: row.administrators,
            nominee,
            registered_at: row.registered_at,
            activated_at: row.activated_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct SignatoryRow {
    id: SignatoryId,
    company_id: CompanyId,
    name: String,
    email: String,
    link_expires_at: Moment,
    accepted_at: Option<Moment>,
    agreement_hash: Option<Vec<u8>>,
}

impl From<SignatoryRow> for Signatory {
    fn from(row: SignatoryRow) -> Self {
        Self {
            id: row.id,
            company: row.company_id,
            name: row.name,
            email: row.email,
            link_expires_at: row.link_expires_at,
            accepted_at: row.accepted_at,
            agreement_hash: row.agreement_hash,
        }
    }
}

/// `false` when its number or CVR number is taken.
pub async fn insert_company(unit: &mut Unit, company: &Company, search_name: &str) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO company (id, kind, number, cvr, legal_name, search_name, certificate_name, street, postal_code, city, state,
                                  pending, administrators, registered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13) ON CONFLICT DO NOTHING"
        )
        .bind(company.id)
        .bind(company.kind.word())
        .bind(&company.number)
        .bind(&company.cvr)
        .bind(&company.legal_name)
        .bind(search_name)
        .bind(&company.certificate_name)
        .bind(&company.street)
        .bind(&company.postal_code)
        .bind(&company.city)
        .bind(company.state.word())
        .bind(company.pending)
        .bind(company.registered_at)
    )?;
    Ok(stored == 1)
}

pub async fn company(connection: &mut impl Connection, id: CompanyId) -> Result<Option<Company>, DatabaseError> {
    let row: Option<CompanyRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, kind, number, cvr, legal_name, certificate_name, street, postal_code, city, state, pending, administrators,
                nominee_given_name, nominee_surname, nominee_email, registered_at, activated_at
         FROM company WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c))?;
    row.map(Company::try_from).transpose()
}

pub async fn cvr_is_taken(unit: &mut Unit, cvr: &str) -> Result<bool, DatabaseError> {
    let found: Option<CompanyId> =
        fetch!(unit, |c| sqlx::query_scalar("SELECT id FROM company WHERE cvr = $1 OR number = $1").bind(cvr).fetch_optional(c))?;
    Ok(found.is_some())
}

/// Companies whose sort key lies in `[from, to)`, after the cursor; with each one's sort key.
pub async fn companies(
    connection: &mut impl Connection,
    (from, to): (&str, &str),
    after: &Cursor,
    rows: i64,
) -> Result<Vec<(String, Company)>, DatabaseError> {
    #[derive(sqlx::FromRow)]
    struct Listed {
        search_name: String,
        #[sqlx(flatten)]
        company: CompanyRow,
    }
    let rows: Vec<Listed> = fetch!(connection, |c| sqlx::query_as(
        "SELECT search_name, id, kind, number, cvr, legal_name, certificate_name, street, postal_code, city, state, pending,
                administrators, nominee_given_name, nominee_surname, nominee_email, registered_at, activated_at
         FROM company WHERE search_name >= $1 AND search_name < $2 AND (search_name, id) > ($3, $4)
         ORDER BY search_name, id LIMIT $5"
    )
    // From the cursor on: of two lower bounds SQLite searches by one and reads on from there.
    .bind(from.max(after.key.as_str()))
    .bind(to)
    .bind(&after.key)
    .bind(CompanyId::from_uuid(after.id))
    .bind(rows)
    .fetch_all(c))?;
    rows.into_iter().map(|row| Ok((row.search_name, row.company.try_into()?))).collect()
}

pub async fn insert_signatory(unit: &mut Unit, signatory: &Signatory, link_hash: &[u8]) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("INSERT INTO signatory (id, company_id, name, email, link_hash, link_expires_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(signatory.id)
            .bind(signatory.company)
            .bind(&signatory.name)
            .bind(&signatory.email)
            .bind(link_hash)
            .bind(signatory.link_expires_at)
    )?;
    Ok(())
}

pub async fn signatories(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Signatory>, DatabaseError> {
    let rows: Vec<SignatoryRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, name, email, link_expires_at, accepted_at, agreement_hash
         FROM signatory WHERE company_id = $1 ORDER BY id"
    )
    .bind(company)
    .fetch_all(c))?;
    Ok(rows.into_iter().map(Signatory::from).collect())
}

pub async fn signatory_by_link(connection: &mut impl Connection, link_hash: &[u8]) -> Result<Option<Signatory>, DatabaseError> {
    let row: Option<SignatoryRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, name, email, link_expires_at, accepted_at, agreement_hash FROM signatory WHERE link_hash = $1"
    )
    .bind(link_hash)
    .fetch_optional(c))?;
    Ok(row.map(Signatory::from))
}

/// A new link for a signatory who has not accepted; `false` when there is none such.
pub async fn renew_link(
    unit: &mut Unit,
    (company, signatory): (CompanyId, SignatoryId),
    link_hash: &[u8],
    expires_at: Moment,
) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE signatory SET link_hash = $1, link_expires_at = $2
             WHERE id = $3 AND company_id = $4 AND accepted_at IS NULL"
        )
        .bind(link_hash)
        .bind(expires_at)
        .bind(signatory)
        .bind(company)
    )?;
    Ok(changed == 1)
}

/// Claims a signatory's one acceptance; `false` when it is claimed, or its link too old or replaced.
pub async fn claim_acceptance(unit: &mut Unit, link_hash: &[u8], agreement_hash: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE signatory SET accepted_at = $1, agreement_hash = $2
             WHERE link_hash = $3 AND accepted_at IS NULL AND link_expires_at > $1"
        )
        .bind(now)
        .bind(agreement_hash)
        .bind(link_hash)
    )?;
    Ok(changed == 1)
}

/// One signatory fewer to wait for; the nominee is kept when there is none yet. Locks the company's row, so that two who accept at
/// once are counted one after the other. How many are left, and who stands as the nominee.
pub async fn note_acceptance(unit: &mut Unit, company: CompanyId, nominee: Option<&Nominee>) -> Result<Option<Company>, DatabaseError> {
    let row: Option<CompanyRow> = fetch!(unit, |c| sqlx::query_as(
        "UPDATE company SET pending = pending - 1,
                nominee_given_name = COALESCE(nominee_given_name, $2),
                nominee_surname = COALESCE(nominee_surname, $3),
                nominee_email = COALESCE(nominee_email, $4)
         WHERE id = $1 AND state = 'registered' AND pending > 0
         RETURNING id, kind, number, cvr, legal_name, certificate_name, street, postal_code, city, state, pending, administrators,
                   nominee_given_name, nominee_surname, nominee_email, registered_at, activated_at"
    )
    .bind(company)
    .bind(nominee.map(|nominee| nominee.given_name.as_str()))
    .bind(nominee.map(|nominee| nominee.surname.as_str()))
    .bind(nominee.map(|nominee| nominee.email.as_str()))
    .fetch_optional(c))?;
    row.map(Company::try_from).transpose()
}

pub async fn keep_agreement(unit: &mut Unit, text: &super::model::AgreementText) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO agreement (hash, version, language, content, kept_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (hash) DO NOTHING"
        )
        .bind(text.hash().to_vec())
        .bind(text.version)
        .bind(text.language.tag())
        .bind(text.content.as_bytes())
        .bind(now)
    )?;
    Ok(())
}

/// The company becomes active with its first administrator; `false` when it was, or signatories are missing.
pub async fn activate(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE company SET state = 'active', activated_at = $2, administrators = 1
             WHERE id = $1 AND state = 'registered' AND pending = 0"
        )
        .bind(company)
        .bind(now)
    )?;
    Ok(changed == 1)
}

/// `false` when the employee administers the company already.
pub async fn insert_administrator(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "INSERT INTO administrator (company_id, employee_id, appointed_at) VALUES ($1, $2, $3)
             ON CONFLICT (company_id, employee_id) DO UPDATE SET appointed_at = $3, ended_at = NULL
             WHERE administrator.ended_at IS NOT NULL"
        )
        .bind(company)
        .bind(employee)
        .bind(now)
    )?;
    Ok(changed == 1)
}

/// `false` when the employee does not administer the company.
pub async fn end_administrator(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE administrator SET ended_at = $3 WHERE company_id = $1 AND employee_id = $2 AND ended_at IS NULL")
            .bind(company)
            .bind(employee)
            .bind(now)
    )?;
    Ok(changed == 1)
}

/// One administrator more.
pub async fn add_to_count(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE company SET administrators = administrators + 1 WHERE id = $1 AND state = 'active'").bind(company)
    )?;
    Ok(changed == 1)
}

/// One administrator fewer, unless that would leave none: `false`.
pub async fn take_from_count(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE company SET administrators = administrators - 1 WHERE id = $1 AND administrators > 1").bind(company)
    )?;
    Ok(changed == 1)
}

pub async fn administrators(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT employee_id FROM administrator WHERE company_id = $1 AND ended_at IS NULL ORDER BY employee_id"
    )
    .bind(company)
    .fetch_all(c))
}

/// Who administers a company, or did until lately.
pub async fn administrators_since(
    connection: &mut impl Connection,
    company: CompanyId,
    since: Moment,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT employee_id FROM administrator WHERE company_id = $1 AND (ended_at IS NULL OR ended_at > $2) ORDER BY employee_id"
    )
    .bind(company)
    .bind(since)
    .fetch_all(c))
}

/// The company's state and, when the employee administers it, since when.
pub async fn standing(
    connection: &mut impl Connection,
    company: CompanyId,
    employee: EmployeeId,
) -> Result<Option<(CompanyState, Option<Moment>)>, DatabaseError> {
    let row: Option<(String, Option<Moment>)> = fetch!(connection, |c| sqlx::query_as(
        "SELECT company.state, administrator.appointed_at FROM company
         LEFT JOIN administrator ON administrator.company_id = company.id AND administrator.employee_id = $2
                                 AND administrator.ended_at IS NULL
         WHERE company.id = $1"
    )
    .bind(company)
    .bind(employee)
    .fetch_optional(c))?;
    let Some((state, since)) = row else { return Ok(None) };
    let known = CompanyState::of(&state).ok_or(DatabaseError::Corrupt { what: "state of a company", value: state })?;
    Ok(Some((known, since)))
}

/// Takes a company that is not closed for this unit: others wait. `false` when it is closed.
pub async fn hold_open(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let held = execute!(unit, sqlx::query("UPDATE company SET state = state WHERE id = $1 AND state <> 'closed'").bind(company))?;
    Ok(held == 1)
}

/// `false` when it was closed before.
pub async fn close(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE company SET state = 'closed', closed_at = $2, administrators = 0 WHERE id = $1 AND state IN ('registered', 'active')"
        )
        .bind(company)
        .bind(now)
    )?;
    Ok(changed == 1)
}

/// Nobody administers it any more.
pub async fn end_administrators(unit: &mut Unit, company: CompanyId) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE administrator SET ended_at = $2 WHERE company_id = $1 AND ended_at IS NULL").bind(company).bind(now))
        .map(drop)
}

/// No link to an agreement works any longer. Gives how many did.
pub async fn end_every_link(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    execute!(unit, sqlx::query("UPDATE signatory SET link_expires_at = $1 WHERE accepted_at IS NULL AND link_expires_at > $1").bind(now))
}
