//! The rows of companies, signatories, agreements and administrators. Nothing is decided here but races.

mod administrators;
mod signatories;
mod units;

use certs::name::{EmailAddress, GivenName, Surname};

use super::model::{Company, CompanyKind, CompanyState, Nominee};
use crate::{
    execute, fetch,
    platform::{
        cursor::Cursor,
        database::{Connection, DatabaseError, Unit},
        id::{CompanyId, Id as _},
        moment::Moment,
    },
};

pub(super) use administrators::{
    add_to_count, administrators, administrators_since, appointed_since, change_post, demote_in_count, end_administrator,
    end_administrators, insert_administrator, post, promote_in_count, standing, superadministrators, take_from_count,
};
pub(super) use signatories::{
    NewForm, claim_acceptance, claim_declining, claim_form, end_every_link, end_links, end_signatory, insert_form, insert_signatory,
    keep_scan, rename_signatory, renew_link, scan, signatories, signatory, signatory_by_link,
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
    needed: i64,
    pending: i64,
    withdrawn_at: Option<Moment>,
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
            needed: row.needed,
            pending: row.pending,
            withdrawn_at: row.withdrawn_at,
            administrators: row.administrators,
            nominee,
            registered_at: row.registered_at,
            activated_at: row.activated_at,
        })
    }
}

/// `false` when its number or CVR number is taken.
pub async fn insert_company(unit: &mut Unit, company: &Company, search_name: &str) -> Result<bool, DatabaseError> {
    let stored = execute!(
        unit,
        sqlx::query(
            "INSERT INTO company (id, kind, number, cvr, legal_name, search_name, certificate_name, street, postal_code, city, state,
                                  needed, pending, administrators, registered_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $14, $12, 0, $13) ON CONFLICT DO NOTHING"
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
        .bind(company.needed)
    )?;
    Ok(stored == 1)
}

pub async fn company(connection: &mut impl Connection, id: CompanyId) -> Result<Option<Company>, DatabaseError> {
    let row: Option<CompanyRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, kind, number, cvr, legal_name, certificate_name, street, postal_code, city, state, needed, pending, withdrawn_at, administrators,
                nominee_given_name, nominee_surname, nominee_email, registered_at, activated_at
         FROM company WHERE id = $1"
    )
    .bind(id)
    .fetch_optional(c)
    })?;
    row.map(Company::try_from).transpose()
}

/// The company of a CVR number, or of a number of ours.
pub async fn by_number(connection: &mut impl Connection, number: &str) -> Result<Option<CompanyId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT id FROM company WHERE cvr = $1 OR number = $1").bind(number).fetch_optional(c))
}

pub async fn cvr_is_taken(unit: &mut Unit, cvr: &str) -> Result<bool, DatabaseError> {
    Ok(by_number(unit, cvr).await?.is_some())
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
        "SELECT search_name, id, kind, number, cvr, legal_name, certificate_name, street, postal_code, city, state, needed, pending,
                withdrawn_at, administrators, nominee_given_name, nominee_surname, nominee_email, registered_at, activated_at
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

/// One signatory fewer to wait for; the nominee is kept when there is none yet. Locks the company's row, so that two who accept at
/// once are counted one after the other. How many are left, and who stands as the nominee.
pub async fn note_acceptance(unit: &mut Unit, company: CompanyId, nominee: Option<&Nominee>) -> Result<Option<Company>, DatabaseError> {
    let row: Option<CompanyRow> = fetch!(unit, |c| {
        sqlx::query_as(
        "UPDATE company SET pending = pending - 1,
                nominee_given_name = COALESCE(nominee_given_name, $2),
                nominee_surname = COALESCE(nominee_surname, $3),
                nominee_email = COALESCE(nominee_email, $4)
         WHERE id = $1 AND state = 'registered' AND pending > 0 AND withdrawn_at IS NULL
         RETURNING id, kind, number, cvr, legal_name, certificate_name, street, postal_code, city, state, needed, pending, withdrawn_at, administrators,
                   nominee_given_name, nominee_surname, nominee_email, registered_at, activated_at"
    )
    .bind(company)
    .bind(nominee.map(|nominee| nominee.given_name.as_str()))
    .bind(nominee.map(|nominee| nominee.surname.as_str()))
    .bind(nominee.map(|nominee| nominee.email.as_str()))
    .fetch_optional(c)
    })?;
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

/// A name and address as the register says them.
pub struct Official<'a> {
    pub legal_name: &'a str,
    pub search_name: &'a str,
    pub street: &'a str,
    pub postal_code: &'a str,
    pub city: &'a str,
}

/// `false` while an order is being signed: somebody signed the text that names the old ones.
pub async fn set_official(unit: &mut Unit, company: CompanyId, official: &Official<'_>) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE company SET legal_name = $1, search_name = $2, street = $3, postal_code = $4, city = $5
             WHERE id = $6 AND (state <> 'registered' OR pending = needed)"
        )
        .bind(official.legal_name)
        .bind(official.search_name)
        .bind(official.street)
        .bind(official.postal_code)
        .bind(official.city)
        .bind(company)
    )?;
    Ok(changed == 1)
}

/// The agreement's new facts; `false` for a company that is not active.
pub async fn set_agreement(unit: &mut Unit, company: &Company) -> Result<bool, DatabaseError> {
    let changed = execute!(
        unit,
        sqlx::query("UPDATE company SET street = $1, postal_code = $2, city = $3, needed = $4 WHERE id = $5 AND state = 'active'")
            .bind(&company.street)
            .bind(&company.postal_code)
            .bind(&company.city)
            .bind(company.needed)
            .bind(company.id)
    )?;
    Ok(changed == 1)
}

/// Takes an order back that is not signed yet; `false` when there is none such.
pub async fn withdraw_order(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query("UPDATE company SET withdrawn_at = $2 WHERE id = $1 AND state = 'registered' AND pending > 0 AND withdrawn_at IS NULL")
            .bind(company)
            .bind(now)
    )?;
    Ok(changed == 1)
}

/// An order goes on, whether it was taken back or not; `false` when the company waits for no signatures.
pub async fn reopen_order(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let reopen = "UPDATE company SET withdrawn_at = NULL WHERE id = $1 AND state = 'registered' AND pending > 0";
    Ok(execute!(unit, sqlx::query(reopen).bind(company))? == 1)
}

/// The company becomes active with its first administrator; `false` when it was, or signatories are missing.
pub async fn activate(unit: &mut Unit, company: CompanyId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE company SET state = 'active', activated_at = $2, administrators = 1, superadministrators = 1
             WHERE id = $1 AND state = 'registered' AND pending = 0"
        )
        .bind(company)
        .bind(now)
    )?;
    Ok(changed == 1)
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
            "UPDATE company SET state = 'closed', closed_at = $2, administrators = 0, superadministrators = 0
             WHERE id = $1 AND state IN ('registered', 'active')"
        )
        .bind(company)
        .bind(now)
    )?;
    Ok(changed == 1)
}
