//! An administrator asks for an employee's decryption keys. The employee is told at once, and so is whoever can approve. Who is in service
//! now has 48 hours to object, whatever becomes of the employment meanwhile.

use std::collections::BTreeSet;

use time::Duration;

use super::{
    RecoveryError,
    model::{LIFE, OBJECTION, Recovery, RecoveryState},
    signatories::{self, Mailed},
    standing::{Holder, entitled, shared_with_others},
    store,
};
use crate::{
    archives, audit, companies,
    employees::{self, EmployeeState, rank},
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Actor,
        database::Unit,
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId, HolderId, RecipientId, RecoveryId},
        limits, random, secret, text,
    },
};

/// A recovery that can succeed, and the mails about it.
pub struct Prepared {
    company: CompanyId,
    employee: EmployeeId,
    reason: String,
    keys: usize,
    /// How long the employee may object.
    objection: Duration,
    told: Sealed,
    /// Of the mailed link by which the employee objects.
    objection_hash: Option<Vec<u8>>,
    others: Vec<RecipientId>,
    to_approve: Sealed,
    questions: Vec<Mailed>,
}

/// Looks whether the asker and somebody else together open the employee's keys, and writes the mails.
///
/// # Errors
/// [`RecoveryError::NotFound`], [`RecoveryError::NothingArchived`], [`RecoveryError::NotPossible`], [`RecoveryError::Invalid`] for the
/// reason, [`RecoveryError::ProveAgain`], [`RecoveryError::Employee`] for a superadministrator's keys that an administrator asks for.
pub async fn prepare(ground: &Ground, actor: &Actor, employee: EmployeeId, reason: &str) -> Result<Prepared, RecoveryError> {
    if !actor.has_proven(ground.clock().now()) {
        return Err(RecoveryError::ProveAgain);
    }
    let reason =
        text::line(reason, limits::LINE_CHARACTERS).map_err(|fault| RecoveryError::Invalid(vec![FieldFault::text("reason", fault)]))?;
    let company = actor.company.ok_or(RecoveryError::NotFound)?;
    let mut reader = ground.database.read().await?;
    let employee = employees::read::employee(&mut reader, company, employee).await?.ok_or(RecoveryError::NotFound)?;
    rank::require(&mut reader, actor, (company, employee.id)).await?;
    let company = companies::read::company(&mut reader, company).await?.ok_or(RecoveryError::NotFound)?;
    let archived = archives::read::keys_of(&mut reader, employee.id).await?;
    if archived.is_empty() {
        return Err(RecoveryError::NothingArchived);
    }
    let me = HolderId::from(actor.account);
    let holders = entitled(&mut reader, company.id).await?;
    let generations: BTreeSet<_> = archived.values().flatten().copied().collect();
    let usable = shared_with_others(&mut reader, &generations, me, &holders).await?;
    drop(reader);
    let keys = archived.values().filter(|generations| generations.iter().any(|key| usable.contains(key))).count();
    if keys == 0 {
        return Err(RecoveryError::NotPossible);
    }
    let others = holders.iter().filter(|holder| holder.holder != me && !holder.is_signatory()).map(Holder::recipient).collect();
    let signatories: Vec<_> = holders.iter().filter_map(Holder::signatory).collect();
    let link = format!("{}/recoveries", ground.config.server.public_url);
    let base = |kind| Notice::mail(kind).with("company", &company.legal_name).with("asker", &actor.name).with("reason", &reason);
    // Whoever has left may not object. Who leaves later keeps the hours, since whoever dismisses may be whoever asks, and so the link works
    // without logging in.
    let (objection, objection_hash, told) = match employee.state {
        EmployeeState::Left => (Duration::ZERO, None, base(Kind::RecoveryAskedAfterLeaving)),
        EmployeeState::Active | EmployeeState::Invited | EmployeeState::Suspended => {
            let token = random::token(ground.random());
            let told = base(Kind::RecoveryAsked).with("until", ground.clock().now().plus(OBJECTION));
            (OBJECTION, Some(secret::token_hash(&token)), told.secret("link", &format!("{link}/objection/{token}")))
        }
    };
    let to_approve = base(Kind::RecoveryToApprove).with("employee", employee.name());
    let questions = signatories::prepare_questions(ground, &signatories, || to_approve.clone()).await?;
    let told = notices::seal(ground, &told).await?;
    let to_approve = notices::seal(ground, &to_approve.with("link", &link)).await?;
    Ok(Prepared {
        company: company.id,
        employee: employee.id,
        reason,
        keys,
        objection,
        told,
        objection_hash,
        others,
        to_approve,
        questions,
    })
}

/// Stores it and tells everybody.
///
/// # Errors
/// [`RecoveryError::AlreadyAsked`].
pub async fn ask(unit: &mut Unit, actor: &Actor, prepared: &Prepared) -> Result<RecoveryId, RecoveryError> {
    let now = unit.now();
    store::lapse(unit).await?;
    let recovery = Recovery {
        id: unit.id(),
        company: prepared.company,
        employee: prepared.employee,
        asked_by: actor.account,
        asked_by_name: actor.name.clone(),
        reason: prepared.reason.clone(),
        state: RecoveryState::Asked,
        asked_at: now,
        objectable_until: now.plus(prepared.objection),
        lapses_at: now.plus(LIFE),
        approved_by: None,
        approved_by_name: None,
        approved_at: None,
        ended_at: None,
    };
    if !store::insert(unit, &recovery, prepared.objection_hash.as_deref()).await? {
        return Err(RecoveryError::AlreadyAsked);
    }
    let event = audit::Event::new("recovery.asked", actor.author(), format_args!("recovery:{}", recovery.id))
        .company(prepared.company)
        .fact("employee", prepared.employee)
        .fact("keys", prepared.keys)
        .personal("reason", &prepared.reason);
    audit::record(unit, event).await?;
    notices::tell(unit, prepared.employee.into(), &prepared.told).await?;
    for other in &prepared.others {
        notices::tell(unit, *other, &prepared.to_approve).await?;
    }
    signatories::question(unit, &recovery, &prepared.questions).await?;
    Ok(recovery.id)
}
