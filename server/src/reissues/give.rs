//! The one who asked sends link and temporary password: from this commit on the old password opens nothing, and everything of before rests.
//!
//! Lost on their way, they are sent again, by the same person and under the same rules: certificates wait anew, and the old link is dead.

use time::Duration;

use super::{
    ReissueError,
    model::{Reissue, ReissueState},
    read, store,
};
use crate::{
    audit, companies,
    employees::{
        self, Employee, EmployeeState, Vouching, desk,
        invite::{Again, Renewal},
        rank, reissue as resting,
    },
    notices,
    platform::{actor::Actor, database::Unit, ground::Ground, id::ReissueId, secret::Secret},
    proofing::Examined,
};

/// What was sent.
pub struct Given {
    /// The temporary password, when the one who asked hands it over. Show it once.
    pub temporary_password: Option<Secret<String>>,
    /// The person's name.
    pub name: String,
}

/// Sends them, right after a fresh proof.
///
/// # Errors
/// [`ReissueError::ProveAgain`], [`ReissueError::NotFound`], [`ReissueError::NotAsker`], [`ReissueError::NewContact`], [`ReissueError::Ended`];
/// [`ReissueError::Employee`] when the temporary password shall be shown and nobody saw a document.
pub async fn give(ground: &Ground, actor: &Actor, id: ReissueId, vouched: Vouching, seen: Option<Examined>) -> Result<Given, ReissueError> {
    let now = ground.clock().now();
    if !actor.has_proven(now) {
        return Err(ReissueError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let reissue = read::visible(&mut reader, actor, id).await?.ok_or(ReissueError::NotFound)?;
    if reissue.asked_by != actor.account {
        return Err(ReissueError::NotAsker);
    }
    if !reissue.may_be_sent(now) {
        return Err(ReissueError::Ended { state: reissue.state });
    }
    let employee = employees::read::employee(&mut reader, reissue.company, reissue.employee).await?.ok_or(ReissueError::NotFound)?;
    let company = companies::read::company(&mut reader, reissue.company).await?.ok_or(ReissueError::NotFound)?;
    if notices::is_new_contact(&mut reader, employee.id.into(), employee.activated_at, now).await? {
        return Err(ReissueError::NewContact);
    }
    drop(reader);
    let (name, again) = (employee.name().to_owned(), Again { vouched, seen, author: actor.author() });
    let link: Renewal = resting::prepare(ground, &company, employee.clone(), again).await?;
    let sending = Sending { actor, employee: &employee, link: &link };
    ground.database.write(async |unit| sending.store(unit, &reissue).await).await?;
    Ok(Given { temporary_password: link.temporary_password().cloned(), name })
}

/// What is sent, prepared.
struct Sending<'a> {
    actor: &'a Actor,
    employee: &'a Employee,
    link: &'a Renewal,
}

impl Sending<'_> {
    async fn store(&self, unit: &mut Unit, seen: &Reissue) -> Result<(), ReissueError> {
        let (actor, now, ended) = (self.actor, unit.now(), |state| ReissueError::Ended { state });
        // First of all: whoever stops it meanwhile waits, and then reads it as given.
        resting::hold(unit, seen.employee).await?;
        let from = now.plus(Duration::hours(seen.wait_hours));
        match seen.state {
            ReissueState::Given => {
                // Whoever has chosen a new password is not made to rest once more by what was agreed to for this one.
                let employee = employees::read::employee(unit, seen.company, seen.employee).await?.ok_or(ReissueError::NotFound)?;
                if employee.state != EmployeeState::Invited || !store::give_again(unit, seen.id, actor.account, from).await? {
                    return Err(ended(ReissueState::Given));
                }
            }
            ReissueState::Approved | ReissueState::Asked | ReissueState::Cancelled | ReissueState::Done | ReissueState::Lapsed => {
                if !store::give(unit, seen.id, actor.account, from).await? {
                    return Err(ended(ReissueState::Lapsed));
                }
            }
        }
        // Changed since it was prepared, the address would get what is meant for the one of before.
        if notices::is_new_contact(unit, seen.employee.into(), self.employee.activated_at, now).await? {
            return Err(ReissueError::NewContact);
        }
        // Posts may have changed since it was asked for.
        rank::require(unit, actor, (seen.company, seen.employee)).await?;
        desk::require_another(unit, self.employee, actor).await?;
        resting::begin(unit, self.link, from, actor.author()).await?;
        let event = audit::Event::new("reissue.given", actor.author(), format_args!("reissue:{}", seen.id))
            .company(seen.company)
            .fact("account", self.employee.account)
            .fact("employee", seen.employee)
            .fact("vouched", self.link.vouched().word())
            .fact("certificates_from", from);
        Ok(audit::record(unit, event).await?)
    }
}
