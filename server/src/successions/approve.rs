//! An operator has compared a change of board with its minutes and approves: it is done in the same unit. Not whoever asked, while another could.

use super::{
    SuccessionError, Wish,
    model::{Succession, SuccessionKind, SuccessionState},
    perform, read, store,
};
use crate::{
    audit, companies,
    platform::{actor::Actor, database::Connection, ground::Ground, id::SuccessionId},
};

async fn approvable(connection: &mut impl Connection, actor: &Actor, id: SuccessionId) -> Result<Succession, SuccessionError> {
    let found = read::visible(connection, actor, id).await?.filter(|found| found.kind == SuccessionKind::Board);
    let found = found.ok_or(SuccessionError::NotFound)?;
    if found.asked_by == actor.account && read::has_another_operator(connection, actor.account).await? {
        return Err(SuccessionError::SamePerson);
    }
    if found.state != SuccessionState::Asked {
        return Err(SuccessionError::Ended { state: found.state });
    }
    if found.minutes_hash.is_none() {
        return Err(SuccessionError::NoMinutes);
    }
    Ok(found)
}

/// Approves a change of board, right after a fresh proof.
///
/// # Errors
/// [`SuccessionError::ProveAgain`], [`SuccessionError::NotFound`], [`SuccessionError::SamePerson`], [`SuccessionError::NoMinutes`],
/// [`SuccessionError::Ended`], and those of the change itself.
pub async fn approve(ground: &Ground, actor: &Actor, id: SuccessionId) -> Result<(), SuccessionError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(SuccessionError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let found = approvable(&mut reader, actor, id).await?;
    let company = companies::read::company(&mut reader, found.company).await?.ok_or(SuccessionError::NotFound)?;
    drop(reader);
    let checked = Wish::of(&found)?.check(found.kind)?;
    let ready = perform::prepare(ground, &company, &found, checked, actor.author()).await?;
    ground
        .database
        .write(async |unit| {
            companies::hold_open(unit, company.id).await?;
            let now = approvable(unit, actor, id).await?;
            if !store::decide(unit, id, SuccessionState::Done, Some((actor.account, &actor.name))).await? {
                return Err(SuccessionError::Ended { state: now.state });
            }
            let event = audit::Event::new("succession.approved", actor.author(), format_args!("succession:{id}"))
                .company(company.id)
                .fact("asked_by", found.asked_by);
            audit::record(unit, event).await?;
            perform::perform(unit, &ready, actor.author()).await
        })
        .await
}
