//! One that waits is taken back by whoever asked, or refused by an operator who registers. Everybody concerned is told.

use super::{SuccessionError, SuccessionState, perform, read, store};
use crate::{
    audit, companies,
    notices::{self, Kind, Notice},
    platform::{
        actor::{Actor, Role},
        ground::Ground,
        id::SuccessionId,
    },
};

/// Ends it.
///
/// # Errors
/// [`SuccessionError::NotFound`] also for others of the company; [`SuccessionError::Ended`].
pub async fn end(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<(), SuccessionError> {
    let mut reader = ground.database.read().await?;
    let found = read::visible(&mut reader, actor, id).await?.ok_or(SuccessionError::NotFound)?;
    let own = found.asked_by == actor.account;
    if !own && !actor.is(Role::Registration) {
        return Err(SuccessionError::NotFound);
    }
    let company = companies::read::company(&mut reader, found.company).await?.ok_or(SuccessionError::NotFound)?;
    drop(reader);
    let told = notices::seal(ground, &Notice::mail(Kind::SuccessionEnded).with("company", &company.legal_name)).await?;
    let to = if own { SuccessionState::Withdrawn } else { SuccessionState::Refused };
    ground
        .database
        .write(async |unit| {
            if !store::decide(unit, id, to, Some((actor.account, &actor.name))).await? {
                let found = store::by_id(unit, id).await?.ok_or(SuccessionError::NotFound)?;
                return Err(SuccessionError::Ended { state: found.state });
            }
            let action = if own { "succession.withdrawn" } else { "succession.refused" };
            audit::record(unit, audit::Event::new(action, actor.author(), format_args!("succession:{id}")).company(company.id)).await?;
            for recipient in perform::concerned(unit, &company).await? {
                notices::tell(unit, recipient, &told).await?;
            }
            Ok(())
        })
        .await
}
