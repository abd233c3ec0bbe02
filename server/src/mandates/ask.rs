//! A superadministrator asks for a change: done at once by one who administers alone, else stored until a second administrator consents, or, where
//! nobody can who could lately, until it has waited and nobody refused.

use super::{
    MandateError, Wish, lapse, mails,
    model::{ALONE, LIFE, Mandate, MandateState},
    others::{Others, Way, holds, others},
    perform, store,
};
use crate::{
    audit,
    companies::{self, AdministratorPost},
    employees,
    notices::{self, Sealed},
    platform::{
        actor::Actor,
        database::Unit,
        ground::Ground,
        id::{CompanyId, EmployeeId, Id as _, MandateId, RecipientId},
        random, secret,
    },
};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It waits for a second administrator.
    Waits(MandateId),
    /// Nobody can consent: it is done by itself after a while, unless somebody refuses.
    WaitsAlone(MandateId),
}

/// What is stored when it waits, and its mails.
struct New {
    mandate: Mandate,
    stop_hash: Vec<u8>,
    to_approve: Sealed,
    waits: Sealed,
    /// Where whom it is against was told things until lately.
    former: Vec<RecipientId>,
}

/// Asks for a change of the actor's company, right after a fresh proof.
///
/// # Errors
/// [`MandateError::ProveAgain`], [`MandateError::AlreadyAsked`], [`MandateError::AskerGone`], [`MandateError::NotFound`],
/// [`MandateError::SuccessionWaits`], and those of the change itself.
pub async fn ask(ground: &Ground, actor: &Actor, wish: &Wish) -> Result<Outcome, MandateError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(MandateError::ProveAgain);
    }
    let (Some(company), Some(asker)) = (actor.company, actor.employee) else { return Err(MandateError::NotFound) };
    lapse::of_company(ground, company).await?;
    let wish = &named(ground, company, wish).await?;
    let ready = perform::prepare(ground, company, wish, asker).await?;
    let new = prepare(ground, actor, &ready.company, wish).await?;
    ground
        .database
        .write(async |unit| {
            // Whoever else changes this company's posts waits: so nobody is taken to be alone who is not, and nobody asks who may no longer.
            companies::hold_open(unit, company).await?;
            if !holds(unit, (company, asker), AdministratorPost::Superadministrator).await? {
                return Err(MandateError::AskerGone);
            }
            let now = unit.now();
            let others = others(unit, (company, asker), wish, now).await?;
            match others.way(wish, asker) {
                Way::AtOnce => {
                    perform::perform(unit, &ready, actor.author()).await?;
                    Ok(Outcome::Done)
                }
                Way::Consent => {
                    keep(unit, actor, &Mandate { performs_at: None, ..new.mandate.clone() }, &new.stop_hash).await?;
                    mails::tell(unit, &others.able, &new.to_approve).await?;
                    Ok(Outcome::Waits(new.mandate.id))
                }
                Way::Wait => {
                    keep(unit, actor, &new.mandate, &new.stop_hash).await?;
                    tell_everybody(unit, &others, wish.against(), &new).await?;
                    Ok(Outcome::WaitsAlone(new.mandate.id))
                }
            }
        })
        .await
}

/// Who asks that a superadministrator be an administrator asks for less.
async fn named(ground: &Ground, company: CompanyId, wish: &Wish) -> Result<Wish, MandateError> {
    let Wish::Appoint { employee, post: AdministratorPost::Administrator } = wish else { return Ok(wish.clone()) };
    let had = companies::read::post(&mut ground.database.read().await?, company, *employee).await?;
    match had {
        Some(AdministratorPost::Superadministrator) => Ok(Wish::Demote { employee: *employee }),
        Some(AdministratorPost::Administrator) | None => Ok(wish.clone()),
    }
}

async fn prepare(ground: &Ground, actor: &Actor, company: &companies::Company, wish: &Wish) -> Result<New, MandateError> {
    let (now, mut reader) = (ground.clock().now(), ground.database.read().await?);
    let employee = match wish.employee() {
        Some(id) => employees::read::employee(&mut reader, company.id, id).await?,
        None => None,
    };
    // Whoever takes somebody away may have changed where they are told of it.
    let former = match wish.against() {
        Some(concerned) => notices::former_contacts(&mut reader, concerned.into(), now).await?,
        None => Vec::new(),
    };
    drop(reader);
    let about = mails::About {
        company: &company.legal_name,
        asker: &actor.name,
        employee: employee.as_ref().map(|employee| employee.name()),
        wish,
    };
    let (stop, at) = (random::token(ground.random()), now.plus(ALONE));
    let mandate = Mandate {
        id: MandateId::fresh(now, ground.random()),
        company: company.id,
        asked_by: actor.account,
        asked_by_name: actor.name.clone(),
        content: serde_json::to_vec(wish).map_err(|_| MandateError::NotFound)?,
        state: MandateState::Asked,
        asked_at: now,
        lapses_at: now.plus(LIFE),
        performs_at: Some(at),
        decided_by_name: None,
        decided_at: None,
    };
    let (to_approve, waits) = (about.to_approve(ground).await?, about.waits(ground, at, &stop).await?);
    Ok(New { mandate, stop_hash: secret::token_hash(&stop), to_approve, waits, former })
}

async fn keep(unit: &mut Unit, actor: &Actor, mandate: &Mandate, stop_hash: &[u8]) -> Result<(), MandateError> {
    if !store::insert(unit, mandate, stop_hash).await? {
        return Err(MandateError::AlreadyAsked);
    }
    let event = audit::Event::new("mandate.asked", actor.author(), format_args!("mandate:{}", mandate.id))
        .company(mandate.company)
        .fact("second", if mandate.performs_at.is_some() { "nobody" } else { "needed" })
        .fact("binding", hex::encode(mandate.binding()));
    audit::record(unit, event).await?;
    Ok(())
}

/// Whom it is against, whoever administers or did so lately, and those who may sign for the company.
async fn tell_everybody(unit: &mut Unit, others: &Others, against: Option<EmployeeId>, new: &New) -> Result<(), MandateError> {
    let people: Vec<_> = others.unable.iter().copied().chain(against).collect();
    mails::tell(unit, &people, &new.waits).await?;
    let signatories = companies::read::signatories(unit, new.mandate.company).await?;
    for told in signatories.into_iter().map(|one| one.id.into()).chain(new.former.iter().copied()) {
        notices::tell(unit, told, &new.waits).await?;
    }
    Ok(())
}
