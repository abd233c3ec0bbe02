//! An administrator ends a post, suspends or dismisses somebody: at once, unless it takes another superadministrator away. That is a change that weighs,
//! and is asked for ([`super::ask`]): else whoever wanted no second administrator's consent would just remove them.

use super::{MandateError, Outcome, Wish, ask};
use crate::{
    companies::{self, AdministratorPost},
    platform::{
        actor::{Actor, Role},
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Asks for it when it takes another superadministrator of the actor's company away; none when it needs nobody's consent, and the actor just does it.
///
/// # Errors
/// Those of [`ask`].
pub async fn ask_to_remove(
    ground: &Ground,
    actor: &Actor,
    (company, employee): (CompanyId, EmployeeId),
    wish: Wish,
) -> Result<Option<Outcome>, MandateError> {
    // Who may not ask is refused by whoever does it.
    if actor.company != Some(company) || !actor.is(Role::Superadministrator) || actor.employee == Some(employee) {
        return Ok(None);
    }
    let post = companies::read::post(&mut ground.database.read().await?, company, employee).await?;
    match post {
        Some(AdministratorPost::Superadministrator) => Ok(Some(ask(ground, actor, &wish).await?)),
        Some(AdministratorPost::Administrator) | None => Ok(None),
    }
}
