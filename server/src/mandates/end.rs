//! A change that waits is refused by a second administrator, or taken back by the one who asked. What will be done by itself is refused by
//! everybody who was told of it, by operators, and by whoever has the mailed link.

use super::{MandateError, MandateState, Wish, model::Mandate, others::holds, read, store};
use crate::{
    audit,
    companies::{self, AdministratorPost},
    employees,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::Unit,
        ground::Ground,
        id::MandateId,
    },
};

/// Ends it, right after a fresh proof. Whoever asked is told of a refusal.
///
/// # Errors
/// [`MandateError::NotFound`], [`MandateError::ProveAgain`], [`MandateError::Ended`], [`MandateError::Concerned`], [`MandateError::NoPost`].
pub async fn end(ground: &Ground, actor: &Actor, id: MandateId) -> Result<(), MandateError> {
    let mut reader = ground.database.read().await?;
    let mandate = read::visible(&mut reader, actor, id).await?.ok_or(MandateError::NotFound)?;
    let company = companies::read::company(&mut reader, mandate.company).await?.ok_or(MandateError::NotFound)?;
    drop(reader);
    if !actor.has_proven(ground.clock().now()) {
        return Err(MandateError::ProveAgain);
    }
    let notice = Notice::mail(Kind::MandateRefused).with("company", &company.legal_name).with("by", &actor.name);
    let told = notices::seal(ground, &notice).await?;
    ground
        .database
        .write(async |unit| {
            companies::hold_open(unit, company.id).await?;
            match mandate.asked_by == actor.account {
                true => withdraw(unit, actor, &mandate).await,
                false => refuse(unit, actor, &mandate, &told).await,
            }
        })
        .await
}

async fn withdraw(unit: &mut Unit, actor: &Actor, mandate: &Mandate) -> Result<(), MandateError> {
    if !store::withdraw(unit, mandate.id, actor.account).await? {
        return Err(ended(unit, mandate.id).await);
    }
    Ok(audit::record(unit, event("mandate.withdrawn", actor.author(), mandate)).await?)
}

async fn refuse(unit: &mut Unit, actor: &Actor, seen: &Mandate, told: &Sealed) -> Result<(), MandateError> {
    let mandate = store::by_id(unit, seen.id).await?.ok_or(MandateError::NotFound)?;
    let waits_alone = mandate.performs_at.is_some();
    match actor.employee {
        // An operator keeps what nobody in the company consents to from being done.
        None if !waits_alone => return Err(MandateError::NotFound),
        None => {}
        Some(employee) => {
            if !holds(unit, (mandate.company, employee), AdministratorPost::Administrator).await? {
                return Err(MandateError::NoPost);
            }
            // Where somebody else can consent, whom it is against has no say: else nobody who should go ever went.
            if !waits_alone && Wish::of(&mandate)?.against() == Some(employee) {
                return Err(MandateError::Concerned);
            }
        }
    }
    if !store::decide(unit, mandate.id, MandateState::Refused, (actor.account, &actor.name)).await? {
        return Err(ended(unit, mandate.id).await);
    }
    audit::record(unit, event("mandate.refused", actor.author(), &mandate)).await?;
    tell_asker(unit, &mandate, told).await
}

/// Refuses what will be done by itself, by the link that everybody got who was told of it. It needs no log-in.
///
/// # Errors
/// [`MandateError::LinkGone`] when nothing hangs on it any more.
pub async fn end_by_link(ground: &Ground, link: &str) -> Result<(), MandateError> {
    let mut reader = ground.database.read().await?;
    let mandate = read::stoppable(&mut reader, link, ground.clock().now()).await?.ok_or(MandateError::LinkGone)?;
    let company = companies::read::company(&mut reader, mandate.company).await?.ok_or(MandateError::LinkGone)?;
    drop(reader);
    let told = notices::seal(ground, &Notice::mail(Kind::MandateStopped).with("company", &company.legal_name)).await?;
    ground
        .database
        .write(async |unit| {
            companies::hold_open(unit, company.id).await?;
            if !store::refuse(unit, mandate.id).await? {
                return Err(MandateError::LinkGone);
            }
            audit::record(unit, event("mandate.refused", Author::Anyone, &mandate).fact("by", "link")).await?;
            tell_asker(unit, &mandate, &told).await
        })
        .await
}

fn event(action: &'static str, author: Author, mandate: &Mandate) -> audit::Event {
    audit::Event::new(action, author, format_args!("mandate:{}", mandate.id)).company(mandate.company)
}

async fn tell_asker(unit: &mut Unit, mandate: &Mandate, told: &Sealed) -> Result<(), MandateError> {
    if let Some(asker) = employees::read::of_account(unit, mandate.asked_by).await? {
        notices::tell(unit, asker.id.into(), told).await?;
    }
    Ok(())
}

/// As what it ended meanwhile.
async fn ended(unit: &mut Unit, id: MandateId) -> MandateError {
    match store::by_id(unit, id).await {
        Ok(Some(found)) => MandateError::Ended { state: found.state },
        Ok(None) => MandateError::NotFound,
        Err(error) => error.into(),
    }
}
