//! A second person approves: their share is opened by their password and sealed to the one who asked, for this recovery alone.

use std::collections::BTreeSet;

use super::{
    RecoveryError, RecoveryState,
    model::Recovery,
    read::{self, Party},
    store,
};
use crate::{
    accounts::{self, Who},
    archives::{self, Lock, Released},
    audit, employees,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        consent::{Consent, Purpose},
        database::Unit,
        ground::Ground,
        id::{HolderId, RecipientId, RecoveryId},
        secret::Secret,
    },
};

/// Approves with the password, right after a fresh proof.
///
/// # Errors
/// [`RecoveryError::SamePerson`], [`RecoveryError::NotFound`], [`RecoveryError::Ended`], [`RecoveryError::NoShare`],
/// [`RecoveryError::ProveAgain`], [`RecoveryError::Account`] for a wrong password.
pub async fn approve(
    ground: &Ground,
    actor: &Actor,
    id: RecoveryId,
    password: &Secret<String>,
    network: &str,
) -> Result<(), RecoveryError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(RecoveryError::ProveAgain);
    }
    let approval = open(ground, actor, id, password, network).await?;
    ground.database.write(async |unit| store_approval(unit, &approval, actor.author()).await).await
}

/// The recovery, if this person may approve it now.
///
/// # Errors
/// [`RecoveryError::SamePerson`], [`RecoveryError::NotFound`], [`RecoveryError::Ended`].
pub async fn approvable(ground: &Ground, actor: &Actor, id: RecoveryId) -> Result<Recovery, RecoveryError> {
    let recovery = read::of_company(&mut ground.database.read().await?, actor, id).await?.ok_or(RecoveryError::NotFound)?;
    if recovery.asked_by == actor.account {
        return Err(RecoveryError::SamePerson);
    }
    if recovery.state != RecoveryState::Asked || !recovery.is_open(ground.clock().now()) {
        return Err(RecoveryError::Ended { state: recovery.state });
    }
    Ok(recovery)
}

/// Opens this person's shares with the password, for [`approve_by`].
///
/// # Errors
/// As [`approvable`]; [`RecoveryError::NoShare`], [`RecoveryError::Account`] for a wrong password.
pub async fn open(
    ground: &Ground,
    actor: &Actor,
    id: RecoveryId,
    password: &Secret<String>,
    network: &str,
) -> Result<Approval, RecoveryError> {
    let recovery = approvable(ground, actor, id).await?;
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    let lock = Lock::of_person(actor.account, &proven.salt, &proven.prk, proven.strength);
    prepare(ground, &recovery, &lock, &actor.name).await
}

/// Approves with a yes on the phone to this very recovery, in place of a fresh proof.
///
/// # Errors
/// [`RecoveryError::ProveAgain`] when the yes is about something else; [`RecoveryError::Ended`].
pub async fn approve_by(unit: &mut Unit, actor: &Actor, approval: &Approval, consent: &Consent) -> Result<(), RecoveryError> {
    if !consent.covers(Purpose::RecoverKey, actor.account, &approval.recovery.binding()) {
        return Err(RecoveryError::ProveAgain);
    }
    store_approval(unit, approval, actor.author()).await
}

/// An approval, ready for the unit.
pub struct Approval {
    recovery: Recovery,
    approver: HolderId,
    name: String,
    released: Vec<Released>,
    asker: Option<RecipientId>,
    told: Sealed,
}

/// Opens the approver's shares and seals them to the one who asked.
pub(super) async fn prepare(ground: &Ground, recovery: &Recovery, lock: &Lock, name: &str) -> Result<Approval, RecoveryError> {
    let mut reader = ground.database.read().await?;
    let archived = archives::read::keys_of(&mut reader, recovery.employee).await?;
    let employee = employees::read::employee(&mut reader, recovery.company, recovery.employee).await?.ok_or(RecoveryError::NotFound)?;
    let asker = read::recipient(&mut reader, Party::Account(recovery.asked_by)).await?;
    drop(reader);
    let generations: BTreeSet<_> = archived.values().flatten().copied().collect();
    let released = archives::release(ground, lock, &generations, recovery.asked_by.into(), &Recovery::purpose(recovery.id)).await?;
    if released.is_empty() {
        return Err(RecoveryError::NoShare);
    }
    let from = recovery.collectable_from();
    let link = format!("{}/recoveries/{}", ground.config.server.public_url, recovery.id);
    let notice = Notice::mail(Kind::RecoveryApproved).with("employee", employee.name()).with("approver", name);
    let told = notices::seal(ground, &notice.with("from", from).with("link", link)).await?;
    Ok(Approval { recovery: recovery.clone(), approver: lock.holder(), name: name.to_owned(), released, asker, told })
}

/// Stores it: of two approvals at once, one counts.
pub(super) async fn store_approval(unit: &mut Unit, approval: &Approval, author: Author) -> Result<(), RecoveryError> {
    let id = approval.recovery.id;
    if !store::approve(unit, id, approval.approver, &approval.name).await? {
        let found = store::by_id(unit, id).await?.ok_or(RecoveryError::NotFound)?;
        return Err(RecoveryError::Ended { state: found.state });
    }
    for released in &approval.released {
        store::insert_released(unit, id, released.company_key, &released.sealed).await?;
    }
    let event = audit::Event::new("recovery.approved", author, format_args!("recovery:{id}"))
        .company(approval.recovery.company)
        .fact("employee", approval.recovery.employee)
        .fact("asked_by", approval.recovery.asked_by)
        .fact("shares", approval.released.len());
    audit::record(unit, event).await?;
    if let Some(asker) = approval.asker {
        notices::tell(unit, asker, &approval.told).await?;
    }
    Ok(())
}
