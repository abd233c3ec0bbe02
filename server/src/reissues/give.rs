//! The one who asked sends link and temporary password: from this commit on the old password opens nothing, and everything of before rests.

use time::Duration;

use super::{ReissueError, model::ReissueState, read, store};
use crate::{
    audit, companies,
    employees::{
        self, Vouching, desk,
        invite::{Again, Renewal},
        rank, reissue as resting,
    },
    notices,
    platform::{actor::Actor, ground::Ground, id::ReissueId, secret::Secret},
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
    if reissue.state != ReissueState::Approved || !reissue.is_open(now) {
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
    ground
        .database
        .write(async |unit| {
            let from = unit.now().plus(Duration::hours(ground.config.policy.reissue_hours));
            if !store::give(unit, id, actor.account, from).await? {
                return Err(ReissueError::Ended { state: ReissueState::Lapsed });
            }
            // Posts may have changed since it was asked for.
            rank::require(unit, actor, (reissue.company, reissue.employee)).await?;
            desk::require_another(unit, &employee, actor).await?;
            resting::begin(unit, &link, from, actor.author()).await?;
            let event = audit::Event::new("reissue.given", actor.author(), format_args!("reissue:{id}"))
                .company(reissue.company)
                .fact("employee", reissue.employee)
                .fact("vouched", vouched.word())
                .fact("certificates_from", from);
            Ok(audit::record(unit, event).await?)
        })
        .await?;
    Ok(Given { temporary_password: link.temporary_password().cloned(), name })
}
