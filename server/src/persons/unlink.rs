//! Undoes a link: one signature is no longer shown to the person's others, nor they to it. It needs no fresh proof, since it only hides.

use super::{
    PersonError,
    begin::require_signature,
    link::hold_all,
    read::{SHOWN_AT, told},
    store,
};
use crate::{
    audit,
    employees::{self, Employee},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::{Actor, Author},
        database::Unit,
        ground::Ground,
        id::EmployeeId,
    },
};

/// Takes one of the person's signatures out of the set: the actor's own, or another. All of them are told.
///
/// # Errors
/// [`PersonError::NotFound`] when it is none of this person's; [`PersonError::NeedsSession`], [`PersonError::NoSignature`].
pub async fn unlink(ground: &Ground, actor: &Actor, employee: EmployeeId) -> Result<(), PersonError> {
    require_signature(actor)?;
    let address = format!("{}{SHOWN_AT}", ground.config.server.public_url);
    let sealed = notices::seal(ground, &Notice::mail(Kind::SignatureUnlinked).with("link", address)).await?;
    ground.database.write(async |unit| take_out(unit, actor, employee, &sealed).await).await
}

async fn take_out(unit: &mut Unit, actor: &Actor, wanted: EmployeeId, sealed: &Sealed) -> Result<(), PersonError> {
    let own = store::member(unit, actor.account).await?.ok_or(PersonError::NotFound)?;
    let before = store::members(unit, own.person).await?;
    hold_all(unit, before.iter().map(|member| member.account).collect()).await?;
    if store::members(unit, own.person).await? != before {
        return Err(PersonError::ChangedMeanwhile);
    }
    let mut all: Vec<Employee> = Vec::with_capacity(before.len());
    for member in &before {
        let employee = employees::read::of_account(unit, member.account).await?;
        all.extend(employee.filter(|employee| member.counts(employee.activated_at)));
    }
    // Whose own link is over sees no others, and cannot ask about them.
    if all.iter().all(|one| one.account != actor.account) {
        return Err(PersonError::NotFound);
    }
    let out = all.iter().find(|one| one.id == wanted).ok_or(PersonError::NotFound)?;
    if !store::take_out(unit, out.account, own.person).await? {
        return Err(PersonError::ChangedMeanwhile);
    }
    // One alone is linked with nobody.
    let left: Vec<&Employee> = all.iter().filter(|one| one.id != wanted).collect();
    if let [alone] = left.as_slice() {
        store::take_out(unit, alone.account, own.person).await?;
    }
    let event = |one: &Employee| audit::Event::new("account.unlinked", Author::Account(one.account), format!("account:{}", one.account));
    audit::record_all(unit, all.iter().map(|one| event(one).personal("person", own.person)).collect()).await?;
    notices::tell_all(unit, &told(&all, sealed)).await?;
    Ok(())
}
