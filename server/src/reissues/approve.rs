//! A second administrator approves, right after a fresh proof or with a yes on the phone; never the one who asked, never the person concerned.

use super::{
    ReissueError,
    model::{Reissue, ReissueState},
    read, store,
};
use crate::{
    audit,
    employees::{self, reissue as resting},
    platform::{
        actor::{Actor, Role},
        consent::{Consent, Purpose},
        database::{Connection, Unit},
        id::ReissueId,
    },
};

/// It, if this person may approve it now.
///
/// # Errors
/// [`ReissueError::NotFound`], [`ReissueError::SamePerson`], [`ReissueError::Ended`].
pub async fn approvable(connection: &mut impl Connection, actor: &Actor, id: ReissueId) -> Result<Reissue, ReissueError> {
    let found = read::visible(connection, actor, id).await?.ok_or(ReissueError::NotFound)?;
    if actor.company != Some(found.company) || !actor.is(Role::Administrator) {
        return Err(ReissueError::NotFound);
    }
    if found.asked_by == actor.account || actor.employee == Some(found.employee) {
        return Err(ReissueError::SamePerson);
    }
    if found.state == ReissueState::Asked { Ok(found) } else { Err(ReissueError::Ended { state: found.state }) }
}

/// Approves.
///
/// # Errors
/// [`ReissueError::ProveAgain`]; as [`approvable`].
pub async fn approve(unit: &mut Unit, actor: &Actor, id: ReissueId) -> Result<(), ReissueError> {
    if !actor.has_proven(unit.now()) {
        return Err(ReissueError::ProveAgain);
    }
    store_approval(unit, actor, id).await
}

/// Approves with a yes on the phone to this very thing, in place of a fresh proof.
///
/// # Errors
/// [`ReissueError::ProveAgain`] for a yes to something else; as [`approvable`].
pub async fn approve_by(unit: &mut Unit, actor: &Actor, reissue: &Reissue, consent: &Consent) -> Result<(), ReissueError> {
    if !consent.covers(Purpose::GrantReissue, actor.account, &reissue.binding_to_grant()) {
        return Err(ReissueError::ProveAgain);
    }
    store_approval(unit, actor, reissue.id).await
}

async fn store_approval(unit: &mut Unit, actor: &Actor, id: ReissueId) -> Result<(), ReissueError> {
    let seen = approvable(unit, actor, id).await?;
    // Whoever stops it meanwhile waits, and then reads it as approved.
    resting::hold(unit, seen.employee).await?;
    let reissue = approvable(unit, actor, id).await?;
    if !store::approve(unit, id, actor.account, &actor.name).await? {
        return Err(ReissueError::Ended { state: ReissueState::Lapsed });
    }
    let employee = employees::read::employee(unit, reissue.company, reissue.employee).await?.ok_or(ReissueError::NotFound)?;
    let event = audit::Event::new("reissue.approved", actor.author(), format_args!("reissue:{id}"))
        .company(reissue.company)
        .fact("account", employee.account)
        .fact("employee", reissue.employee)
        .fact("asked_by", reissue.asked_by);
    Ok(audit::record(unit, event).await?)
}
