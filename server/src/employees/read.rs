//! Questions about employees.

use super::{
    model::{Employee, EmployeeState, Standing},
    store,
};
use crate::{
    companies,
    platform::{
        cursor::{Cursor, Listing},
        database::{Connection, DatabaseError},
        id::{AccountId, CompanyId, EmployeeId},
        limits, text,
    },
    proofing,
};

/// Where an account stands, if it is an employee's: asked on every request, so leaving needs no ending of sessions.
///
/// # Errors
/// When the database fails.
pub async fn standing(connection: &mut impl Connection, account: AccountId) -> Result<Option<Standing>, DatabaseError> {
    let Some(employee) = store::by_account(connection, account).await? else { return Ok(None) };
    let Some(company) = companies::read::standing(connection, employee.company, employee.id).await? else { return Ok(None) };
    Ok(Some(Standing {
        employee: employee.id,
        company: employee.company,
        name: employee.name().to_owned(),
        administrator: company.administrator,
        superadministrator: company.superadministrator,
        active: company.active && employee.state == EmployeeState::Active,
    }))
}

/// An employee of this company; another company's is not there.
///
/// # Errors
/// When the database fails.
pub async fn employee(connection: &mut impl Connection, company: CompanyId, id: EmployeeId) -> Result<Option<Employee>, DatabaseError> {
    store::employee(connection, company, id).await
}

/// The employee of an account.
///
/// # Errors
/// When the database fails.
pub async fn of_account(connection: &mut impl Connection, account: AccountId) -> Result<Option<Employee>, DatabaseError> {
    store::by_account(connection, account).await
}

/// Whether an account's key card goes by post and is never handed over, as its owner was proofed.
///
/// # Errors
/// When the database fails.
pub async fn card_goes_by_post(connection: &mut impl Connection, account: AccountId) -> Result<bool, DatabaseError> {
    let Some(employee) = store::by_account(connection, account).await? else { return Ok(false) };
    proofing::read::goes_by_post(connection, employee.id).await
}

/// A company's employees by surname, those whose surname begins so, from the cursor on.
///
/// # Errors
/// When the database fails.
pub async fn list(
    connection: &mut impl Connection,
    company: CompanyId,
    prefix: &str,
    after: &Cursor,
) -> Result<Listing<Employee>, DatabaseError> {
    let from = text::sort_key(prefix);
    let to = text::after_prefix(&from);
    let rows = store::employees(connection, company, (&from, &to), after, limits::PAGE_ROWS + 1).await?;
    Ok(Listing::cut(rows, |employee| employee.id))
}
