//! A second administrator consents, and it is done in the same unit.

use super::{
    MandateError, Wish,
    model::{Mandate, MandateState},
    others::holds,
    perform::{self, Ready},
    read, store,
};
use crate::{
    audit,
    companies::{self, AdministratorPost},
    employees,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Actor,
        consent::{Consent, Purpose},
        database::Unit,
        ground::Ground,
        id::{EmployeeId, MandateId},
    },
};

/// A consent, ready for the unit.
pub struct Approval {
    mandate: Mandate,
    ready: Ready,
    asker: EmployeeId,
    told: Sealed,
}

/// The change, if this person may consent to it now.
///
/// # Errors
/// [`MandateError::SamePerson`], [`MandateError::Concerned`], [`MandateError::NotFound`], [`MandateError::Ended`].
pub async fn approvable(ground: &Ground, actor: &Actor, id: MandateId) -> Result<Mandate, MandateError> {
    let mandate = read::of_company(&mut ground.database.read().await?, actor, id).await?.ok_or(MandateError::NotFound)?;
    if mandate.asked_by == actor.account {
        return Err(MandateError::SamePerson);
    }
    let against = Wish::of(&mandate)?.against();
    if against.is_some() && against == actor.employee {
        return Err(MandateError::Concerned);
    }
    if mandate.is_open(ground.clock().now()) { Ok(mandate) } else { Err(MandateError::Ended { state: mandate.state }) }
}

/// Consents, right after a fresh proof.
///
/// # Errors
/// As [`approvable`]; [`MandateError::ProveAgain`], [`MandateError::AskerGone`], [`MandateError::NoPost`], and those of the change itself.
pub async fn approve(ground: &Ground, actor: &Actor, id: MandateId) -> Result<(), MandateError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(MandateError::ProveAgain);
    }
    let approval = open(ground, actor, id).await?;
    ground.database.write(async |unit| store_approval(unit, actor, &approval).await).await
}

/// Makes the change ready, for [`approve_by`].
///
/// # Errors
/// As [`approve`], but for the proof.
pub async fn open(ground: &Ground, actor: &Actor, id: MandateId) -> Result<Approval, MandateError> {
    let mandate = approvable(ground, actor, id).await?;
    let asker = employees::read::of_account(&mut ground.database.read().await?, mandate.asked_by).await?;
    let asker = asker.ok_or(MandateError::AskerGone)?.id;
    let ready = perform::prepare(ground, mandate.company, &Wish::of(&mandate)?, asker).await?;
    let notice = Notice::mail(Kind::MandateApproved).with("company", &ready.company.legal_name).with("by", &actor.name);
    let told = notices::seal(ground, &notice).await?;
    Ok(Approval { mandate, ready, asker, told })
}

/// Consents with a yes on the phone to this very change, in place of a fresh proof.
///
/// # Errors
/// [`MandateError::ProveAgain`] when the yes is about something else; as [`approve`].
pub async fn approve_by(unit: &mut Unit, actor: &Actor, approval: &Approval, consent: &Consent) -> Result<(), MandateError> {
    if !consent.covers(Purpose::Consent, actor.account, &approval.mandate.binding()) {
        return Err(MandateError::ProveAgain);
    }
    store_approval(unit, actor, approval).await
}

/// Of two consents at once, one counts.
async fn store_approval(unit: &mut Unit, actor: &Actor, approval: &Approval) -> Result<(), MandateError> {
    let (mandate, asker) = (&approval.mandate, approval.asker);
    companies::hold_open(unit, mandate.company).await?;
    // Whoever waited for the company's row may have lost the post, or been suspended, meanwhile.
    if !holds(unit, (mandate.company, asker), AdministratorPost::Superadministrator).await? {
        return Err(MandateError::AskerGone);
    }
    let approver = actor.employee.ok_or(MandateError::NoPost)?;
    if !holds(unit, (mandate.company, approver), AdministratorPost::Administrator).await? {
        return Err(MandateError::NoPost);
    }
    if !store::decide(unit, mandate.id, MandateState::Approved, (actor.account, &actor.name)).await? {
        let found = store::by_id(unit, mandate.id).await?.ok_or(MandateError::NotFound)?;
        return Err(MandateError::Ended { state: found.state });
    }
    perform::perform(unit, &approval.ready, actor.author()).await?;
    let event = audit::Event::new("mandate.approved", actor.author(), format_args!("mandate:{}", mandate.id))
        .company(mandate.company)
        .fact("asked_by", mandate.asked_by)
        .fact("binding", hex::encode(mandate.binding()));
    audit::record(unit, event).await?;
    notices::tell(unit, asker.into(), &approval.told).await?;
    Ok(())
}
