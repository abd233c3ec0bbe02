//! The employee objects; or an administrator takes a recovery back. Either way it is over, and the released shares are deleted.

use super::{
    RecoveryError, RecoveryState,
    model::Recovery,
    read::{self, Party},
    store,
};
use crate::{
    audit, employees,
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::{Connection, Unit},
        ground::Ground,
        id::RecoveryId,
        secret,
    },
};

/// The mail to those who took part, naming the employee.
///
/// # Errors
/// [`RecoveryError::NotFound`]; when it cannot be sealed.
pub async fn told_of_end(ground: &Ground, actor: &Actor, id: RecoveryId) -> Result<Sealed, RecoveryError> {
    let recovery = visible(&mut ground.database.read().await?, actor, id).await?;
    sealed_end(ground, &recovery, Some(&actor.name)).await
}

/// Without a name it was the employee.
async fn sealed_end(ground: &Ground, recovery: &Recovery, by: Option<&str>) -> Result<Sealed, RecoveryError> {
    let mut reader = ground.database.read().await?;
    let employee = employees::read::employee(&mut reader, recovery.company, recovery.employee).await?.ok_or(RecoveryError::NotFound)?;
    drop(reader);
    let name = employee.name();
    let by = by.map_or_else(|| name.to_string(), ToOwned::to_owned);
    Ok(notices::seal(ground, &Notice::mail(Kind::RecoveryEnded).with("employee", name).with("by", by)).await?)
}

/// The employee objects by the mailed link, which needs no log-in: the account may be closed meanwhile.
///
/// # Errors
/// [`RecoveryError::LinkGone`] when nothing hangs on it any more.
pub async fn object_by_link(ground: &Ground, link: &str) -> Result<(), RecoveryError> {
    let hash = secret::token_hash(link);
    let found = read::objectable(&mut ground.database.read().await?, link, ground.clock().now()).await?;
    let told = sealed_end(ground, &found.ok_or(RecoveryError::LinkGone)?, None).await?;
    ground
        .database
        .write(async |unit| {
            let now = unit.now();
            let recovery = store::by_objection(unit, &hash).await?.filter(|recovery| recovery.is_objectable(now));
            let recovery = recovery.ok_or(RecoveryError::LinkGone)?;
            end(unit, Author::Anyone, &recovery, RecoveryState::Objected, &told).await
        })
        .await
}

/// Whose keys they are objects, within 48 hours.
///
/// # Errors
/// [`RecoveryError::NotFound`] for anybody else's; [`RecoveryError::Ended`] when it is over or too late.
pub async fn object(unit: &mut Unit, actor: &Actor, id: RecoveryId, told: &Sealed) -> Result<(), RecoveryError> {
    let recovery = store::by_id(unit, id).await?.filter(|recovery| Some(recovery.employee) == actor.employee);
    let recovery = recovery.ok_or(RecoveryError::NotFound)?;
    if !recovery.is_objectable(unit.now()) {
        return Err(RecoveryError::Ended { state: recovery.state });
    }
    end(unit, actor.author(), &recovery, RecoveryState::Objected, told).await
}

/// An administrator of the company takes it back, while it goes on.
///
/// # Errors
/// [`RecoveryError::NotFound`], [`RecoveryError::Ended`].
pub async fn withdraw(unit: &mut Unit, actor: &Actor, id: RecoveryId, told: &Sealed) -> Result<(), RecoveryError> {
    let recovery = read::of_company(unit, actor, id).await?.ok_or(RecoveryError::NotFound)?;
    end(unit, actor.author(), &recovery, RecoveryState::Withdrawn, told).await
}

async fn visible(connection: &mut impl Connection, actor: &Actor, id: RecoveryId) -> Result<Recovery, RecoveryError> {
    read::visible(connection, actor, id).await?.ok_or(RecoveryError::NotFound)
}

async fn end(unit: &mut Unit, author: Author, recovery: &Recovery, to: RecoveryState, told: &Sealed) -> Result<(), RecoveryError> {
    if !store::end(unit, recovery.id, to).await? {
        let found = store::by_id(unit, recovery.id).await?.ok_or(RecoveryError::NotFound)?;
        return Err(RecoveryError::Ended { state: found.state });
    }
    store::delete_released(unit, recovery.id).await?;
    let action = if to == RecoveryState::Objected { "recovery.objected" } else { "recovery.withdrawn" };
    let event = audit::Event::new(action, author, format_args!("recovery:{}", recovery.id))
        .company(recovery.company)
        .fact("employee", recovery.employee);
    audit::record(unit, event).await?;
    let parties =
        [Some(Party::Account(recovery.asked_by)), recovery.approved_by.map(Party::Holder), Some(Party::Employee(recovery.employee))];
    for party in parties.into_iter().flatten() {
        if let Some(recipient) = read::recipient(unit, party).await? {
            notices::tell(unit, recipient, told).await?;
        }
    }
    Ok(())
}
