//! Who may act on whom: superadministrators alone on a superadministrator. Whoever could give one a new password, card or address would become one.

use super::error::EmployeeError;
use crate::{
    companies::{self, AdministratorPost},
    platform::{
        actor::{Actor, Role},
        database::Connection,
        id::{CompanyId, EmployeeId},
    },
};

/// Whether this actor may act on the employee, as far as posts go. Operators have no post: what they may is said where they may it.
///
/// # Errors
/// [`EmployeeError::AboveYou`] for an administrator, or a company's API key, and a superadministrator of the same company.
pub async fn require(
    connection: &mut impl Connection,
    actor: &Actor,
    (company, employee): (CompanyId, EmployeeId),
) -> Result<(), EmployeeError> {
    if actor.company.is_none() || actor.is(Role::Superadministrator) || actor.employee == Some(employee) {
        return Ok(());
    }
    match companies::read::post(connection, company, employee).await? {
        Some(AdministratorPost::Superadministrator) => Err(EmployeeError::AboveYou),
        Some(AdministratorPost::Administrator) | None => Ok(()),
    }
}
