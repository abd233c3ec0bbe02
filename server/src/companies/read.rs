//! Questions about companies.

use super::{
    model::{Company, CompanyState, Signatory},
    store,
};
use crate::platform::{
    cursor::{Cursor, Listing},
    database::{Connection, DatabaseError},
    id::{CompanyId, EmployeeId},
    limits,
    moment::Moment,
    secret::token_hash,
    text,
};

/// What a company grants one of its employees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whether the company is active.
    pub active: bool,
    /// Whether the employee administers it.
    pub administrator: bool,
}

/// What the company grants the employee; none when there is no such company.
///
/// # Errors
/// When the database fails.
pub async fn standing(connection: &mut impl Connection, company: CompanyId, employee: EmployeeId) -> Result<Option<Grant>, DatabaseError> {
    let found = store::standing(connection, company, employee).await?;
    Ok(found.map(|(state, since)| Grant { active: state == CompanyState::Active, administrator: since.is_some() }))
}

/// A company.
///
/// # Errors
/// When the database fails.
pub async fn company(connection: &mut impl Connection, id: CompanyId) -> Result<Option<Company>, DatabaseError> {
    store::company(connection, id).await
}

/// Those who may bind a company, in the order of their registration.
///
/// # Errors
/// When the database fails.
pub async fn signatories(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Signatory>, DatabaseError> {
    store::signatories(connection, company).await
}

/// Who administers a company.
///
/// # Errors
/// When the database fails.
pub async fn administrators(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<EmployeeId>, DatabaseError> {
    store::administrators(connection, company).await
}

/// Who administers a company, or did so at any time since a moment.
///
/// # Errors
/// When the database fails.
pub async fn administrators_since(
    connection: &mut impl Connection,
    company: CompanyId,
    since: Moment,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    store::administrators_since(connection, company, since).await
}

/// The signatory of a mailed link, with the company.
///
/// # Errors
/// When the database fails.
pub async fn signatory_by_link(connection: &mut impl Connection, link: &str) -> Result<Option<(Signatory, Company)>, DatabaseError> {
    let Some(signatory) = store::signatory_by_link(connection, &token_hash(link)).await? else { return Ok(None) };
    let company = store::company(connection, signatory.company).await?;
    Ok(company.map(|company| (signatory, company)))
}

/// Companies by name, those whose name begins so, from the cursor on; and where the list goes on.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, prefix: &str, after: &Cursor) -> Result<Listing<Company>, DatabaseError> {
    let from = text::sort_key(prefix);
    let to = text::after_prefix(&from);
    let rows = store::companies(connection, (&from, &to), after, limits::PAGE_ROWS + 1).await?;
    Ok(Listing::cut(rows, |company| company.id))
}
