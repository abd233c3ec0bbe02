//! The one who asked collects, once: two shares bring the company's key back for as long as the employee's keys take to open.

use super::{
    Bundle, RecoveryError, RecoveryState, bundle,
    model::Recovery,
    read::{self, Party},
    store,
};
use crate::{
    accounts::{self, Who},
    archives::{self, Lock, Released},
    audit, employees,
    notices::{self, Kind, Notice, Sealed},
    platform::{actor::Actor, database::Unit, ground::Ground, id::RecoveryId, secret::Secret},
};

/// Opens the keys with the asker's password and hands them out as PKCS#12 under a fresh password. What was collected is gone from here;
/// whoever loses it asks again.
///
/// # Errors
/// [`RecoveryError::NotAsker`], [`RecoveryError::TooEarly`], [`RecoveryError::Ended`], [`RecoveryError::NotFound`],
/// [`RecoveryError::NotPossible`], [`RecoveryError::ProveAgain`], [`RecoveryError::Account`] for a wrong password.
pub async fn collect(
    ground: &Ground,
    actor: &Actor,
    id: RecoveryId,
    password: &Secret<String>,
    network: &str,
) -> Result<Bundle, RecoveryError> {
    let now = ground.clock().now();
    if !actor.has_proven(now) {
        return Err(RecoveryError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let recovery = read::of_company(&mut reader, actor, id).await?.ok_or(RecoveryError::NotFound)?;
    let employee = employees::read::employee(&mut reader, recovery.company, recovery.employee).await?.ok_or(RecoveryError::NotFound)?;
    if recovery.asked_by != actor.account {
        return Err(RecoveryError::NotAsker);
    }
    if recovery.state != RecoveryState::Approved || !recovery.is_open(now) {
        return Err(RecoveryError::Ended { state: recovery.state });
    }
    let from = recovery.collectable_from();
    if now < from {
        return Err(RecoveryError::TooEarly { until: from });
    }
    let released = store::released(&mut reader, id).await?;
    let released: Vec<Released> = released.into_iter().map(|(company_key, sealed)| Released { company_key, sealed }).collect();
    drop(reader);
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    let lock = Lock::of_person(actor.account, &proven.salt, &proven.prk, proven.strength);
    let opened = archives::open_released(ground, &lock, recovery.employee, &released, &Recovery::purpose(id)).await?;
    let bundle = bundle::of(ground, opened, employee.name()).await?;
    if bundle.files.is_empty() {
        return Err(RecoveryError::NotPossible);
    }
    let told = Notice::mail(Kind::KeysRecovered).with("employee", employee.name()).with("asker", &actor.name);
    let told = told.with("approver", recovery.approved_by_name.as_deref().unwrap_or_default());
    let told = notices::seal(ground, &told).await?;
    ground.database.write(async |unit| claim(unit, actor, &recovery, &bundle, &told).await).await?;
    Ok(bundle)
}

/// Of two at once, one gets them.
async fn claim(unit: &mut Unit, actor: &Actor, recovery: &Recovery, bundle: &Bundle, told: &Sealed) -> Result<(), RecoveryError> {
    if !store::collect(unit, recovery.id, actor.account).await? {
        let found = store::by_id(unit, recovery.id).await?.ok_or(RecoveryError::NotFound)?;
        return Err(RecoveryError::Ended { state: found.state });
    }
    store::delete_released(unit, recovery.id).await?;
    let event = audit::Event::new("recovery.collected", actor.author(), format_args!("recovery:{}", recovery.id))
        .company(recovery.company)
        .fact("employee", recovery.employee)
        .fact("serials", bundle.serials());
    audit::record(unit, event).await?;
    let parties = [Some(Party::Employee(recovery.employee)), recovery.approved_by.map(Party::Holder)];
    for party in parties.into_iter().flatten() {
        if let Some(recipient) = read::recipient(unit, party).await? {
            notices::tell(unit, recipient, told).await?;
        }
    }
    Ok(())
}
