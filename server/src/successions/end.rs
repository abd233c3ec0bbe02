//! One that waits is taken back by whoever asked, or refused by an operator who registers. Everybody concerned is told.

use super::{SuccessionError, SuccessionState, perform, read, store, told};
use crate::{
    audit,
    platform::{
        actor::{Actor, Role},
        ground::Ground,
        id::SuccessionId,
    },
};

/// Ends it, right after a fresh proof.
///
/// # Errors
/// [`SuccessionError::NotFound`] also for others of the company; [`SuccessionError::ProveAgain`], [`SuccessionError::Ended`].
pub async fn end(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<(), SuccessionError> {
    let mut reader = ground.database.read().await?;
    let found = read::visible(&mut reader, actor, id).await?.ok_or(SuccessionError::NotFound)?;
    let own = found.asked_by == actor.account;
    if !own && !actor.is(Role::Registration) {
        return Err(SuccessionError::NotFound);
    }
    drop(reader);
    if !actor.has_proven(ground.clock().now()) {
        return Err(SuccessionError::ProveAgain);
    }
    let to = if own { SuccessionState::Withdrawn } else { SuccessionState::Refused };
    ground
        .database
        .write(async |unit| {
            if !store::decide(unit, id, to, Some((actor.account, &actor.name))).await? {
                let found = store::by_id(unit, id).await?.ok_or(SuccessionError::NotFound)?;
                return Err(SuccessionError::Ended { state: found.state });
            }
            let action = if own { "succession.withdrawn" } else { "succession.refused" };
            audit::record(unit, audit::Event::new(action, actor.author(), format_args!("succession:{id}")).company(found.company)).await?;
            let concerned = perform::concerned(unit, found.company).await?;
            Ok(told::later(unit, id, concerned, told::What::Ended).await?)
        })
        .await
}
