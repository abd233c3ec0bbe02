//! Who may act on whom: superadministrators alone on a superadministrator. Whoever could give one a new password, card or address would become one.

use super::{error::EmployeeError, model::EmployeeState, store};
use crate::{
    companies::{self, AdministratorPost},
    platform::{
        actor::{Actor, Role},
        database::{Connection, Unit},
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

/// Takes the company for this unit, and looks again whether the actor may still do to the employee what takes them away: whoever waited for the row may
/// have lost the post, or been suspended; and another superadministrator is taken away by no one alone (`mandates` asks a second one). A company's API
/// key outlives its maker's post.
///
/// # Errors
/// [`EmployeeError::PostGone`]; [`EmployeeError::NeedsConsent`].
pub async fn require_still(
    unit: &mut Unit,
    actor: &Actor,
    (company, employee): (CompanyId, EmployeeId),
    least: AdministratorPost,
) -> Result<(), EmployeeError> {
    companies::hold_open(unit, company).await?;
    if actor.key.is_none() {
        let Some(own) = actor.employee else { return Err(EmployeeError::PostGone) };
        let is_active = store::employee(unit, company, own).await?.is_some_and(|found| found.state == EmployeeState::Active);
        let holds = match companies::read::post(unit, company, own).await? {
            Some(AdministratorPost::Superadministrator) => true,
            Some(AdministratorPost::Administrator) => least == AdministratorPost::Administrator,
            None => false,
        };
        if !is_active || !holds {
            return Err(EmployeeError::PostGone);
        }
    }
    if actor.employee == Some(employee) {
        return Ok(());
    }
    match companies::read::post(unit, company, employee).await? {
        Some(AdministratorPost::Superadministrator) => Err(EmployeeError::NeedsConsent),
        Some(AdministratorPost::Administrator) | None => Ok(()),
    }
}
