//! Questions about employees.

use super::{
    model::{Employee, EmployeeState, Standing},
    store,
};
use crate::{
    companies,
    platform::{
        database::{Connection, DatabaseError},
        id::{AccountId, CompanyId, EmployeeId},
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
        since: employee.activated_at,
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
