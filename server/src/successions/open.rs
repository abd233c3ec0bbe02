//! An operator opens a takeover that a signatory has requested: from now on those who may sign are asked, by the rule as it is now.

use super::{
    SuccessionError, Wish,
    model::{LIFE, Succession, SuccessionState},
    read,
    start::{self, Prepared},
    store,
};
use crate::{
    audit, companies,
    platform::{actor::Actor, ground::Ground, id::SuccessionId},
};

/// Opens it, right after a fresh proof.
///
/// # Errors
/// [`SuccessionError::ProveAgain`], [`SuccessionError::NotFound`], [`SuccessionError::Ended`], [`SuccessionError::AlreadyAsked`].
pub async fn open(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<(), SuccessionError> {
    let now = ground.clock().now();
    if !actor.has_proven(now) {
        return Err(SuccessionError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let found = read::visible(&mut reader, actor, id).await?.ok_or(SuccessionError::NotFound)?;
    if found.state != SuccessionState::Requested || found.lapses_at <= now {
        return Err(SuccessionError::Ended { state: found.state });
    }
    let company = companies::read::company(&mut reader, found.company).await?.ok_or(SuccessionError::NotFound)?;
    drop(reader);
    let opened =
        Succession { state: SuccessionState::Asked, needed: company.needed, pending: company.needed, lapses_at: now.plus(LIFE), ..found };
    let wish = Wish::of(&opened)?;
    let prepared: Prepared = start::asking(ground, company, opened, &wish).await?;
    ground
        .database
        .write(async |unit| {
            let succession = prepared.succession();
            companies::hold_open(unit, succession.company).await?;
            // One at a time in each company, also when another one is asked for at this moment: the company's row is held.
            if read::is_open(unit, succession.company).await? {
                return Err(SuccessionError::AlreadyAsked);
            }
            if !store::open_requested(unit, succession).await? {
                return Err(SuccessionError::Ended { state: SuccessionState::Lapsed });
            }
            let event = audit::Event::new("succession.opened", actor.author(), format_args!("succession:{id}")).company(succession.company);
            audit::record(unit, event.fact("needed", succession.needed)).await?;
            start::tell(unit, &prepared).await
        })
        .await
}
