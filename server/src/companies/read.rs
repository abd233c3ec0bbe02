//! Questions about companies.

use super::{
    model::{AdministratorPost, Company, CompanyState, Signatory},
    store,
};
use crate::platform::{
    cursor::{Cursor, Listing},
    database::{Connection, DatabaseError},
    id::{CompanyId, EmployeeId, SignatoryId},
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
    /// Whether the employee makes administrators and changes the agreement.
    pub superadministrator: bool,
}

/// What the company grants the employee; none when there is no such company.
///
/// # Errors
/// When the database fails.
pub async fn standing(connection: &mut impl Connection, company: CompanyId, employee: EmployeeId) -> Result<Option<Grant>, DatabaseError> {
    let found = store::standing(connection, company, employee).await?;
    Ok(found.map(|(state, post)| Grant {
        active: state == CompanyState::Active,
        administrator: post.is_some(),
        superadministrator: post == Some(AdministratorPost::Superadministrator),
    }))
}

/// A company.
///
/// # Errors
/// When the database fails.
pub async fn company(connection: &mut impl Connection, id: CompanyId) -> Result<Option<Company>, DatabaseError> {
    store::company(connection, id).await
}

/// The company of a CVR number, or of an association's own number.
///
/// # Errors
/// When the database fails.
pub async fn by_number(connection: &mut impl Connection, number: &str) -> Result<Option<Company>, DatabaseError> {
    match store::by_number(connection, number).await? {
        Some(id) => store::company(connection, id).await,
        None => Ok(None),
    }
}

/// Those who may bind a company, in the order of their registration.
///
/// # Errors
/// When the database fails.
pub async fn signatories(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Signatory>, DatabaseError> {
    store::signatories(connection, company).await
}

/// A signatory of a company; another company's is not there.
///
/// # Errors
/// When the database fails.
pub async fn signatory(connection: &mut impl Connection, company: CompanyId, id: SignatoryId) -> Result<Option<Signatory>, DatabaseError> {
    store::signatory(connection, company, id).await
}

/// Who administers a company.
///
/// # Errors
/// When the database fails.
pub async fn administrators(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<EmployeeId>, DatabaseError> {
    store::administrators(connection, company).await
}

/// Which of them make administrators and change the agreement.
///
/// # Errors
/// When the database fails.
pub async fn superadministrators(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<EmployeeId>, DatabaseError> {
    store::superadministrators(connection, company).await
}

/// In which post an employee administers a company; none when in none.
///
/// # Errors
/// When the database fails.
pub async fn post(
    connection: &mut impl Connection,
    company: CompanyId,
    employee: EmployeeId,
) -> Result<Option<AdministratorPost>, DatabaseError> {
    store::post(connection, company, employee).await
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

/// Who administers a company in a post that was given, or changed, at this moment or later.
///
/// # Errors
/// When the database fails.
pub async fn appointed_since(
    connection: &mut impl Connection,
    company: CompanyId,
    since: Moment,
) -> Result<Vec<EmployeeId>, DatabaseError> {
    store::appointed_since(connection, company, since).await
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
