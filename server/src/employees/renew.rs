//! An employee renews their certificates: with the password, right after a fresh proof by password and key. The identity stays, every key is new.
//!
//! Refuses: while all certificates hold for longer than sixty days and name the person rightly; what somebody withdrew (the right to it, or its
//! use) does not come back this way. What is followed stays valid until the new one is active: then a changed one is revoked, any other runs out
//! by itself, without a signing key.

use certs::revocation::Reason;

use super::{
    activate::{holder, profiles},
    error::EmployeeError,
    model::{Employee, EmployeeState},
    read, store,
};
use crate::{
    accounts::{self, Who},
    audit,
    certificates::{self, Certificate, Intention, PasswordProtection, Predecessor, Profile, State, ending},
    companies,
    platform::{
        actor::Actor,
        database::{Connection, Unit},
        ground::Ground,
        id::CertificateId,
        moment::Moment,
        secret::Secret,
    },
};

/// A certificate to be issued, and which it follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    profile: Profile,
    follows: Option<Predecessor>,
}

/// What stands in the way of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It must be renewed.
    Due,
    /// It would do for a while, and is renewed with the others.
    Good,
    /// A newer one is on its way, or somebody withdrew it.
    Left,
}

/// What renewing would issue now: everything that the person has, once any of it is due; nothing before.
///
/// # Errors
/// When the database fails.
pub async fn due(connection: &mut impl Connection, employee: &Employee, now: Moment) -> Result<Vec<Step>, EmployeeError> {
    let changed = employee.renew_by.is_some();
    let (mut steps, mut any) = (Vec::new(), false);
    for profile in profiles(employee).iter().copied() {
        let newest = ending::newest(connection, employee.id, profile).await?;
        let standing = newest.as_ref().map_or(Standing::Due, |newest| standing(newest, changed, now));
        any |= standing == Standing::Due;
        if standing != Standing::Left {
            let reason = changed.then_some(Reason::AffiliationChanged);
            steps.push(Step { profile, follows: newest.map(|newest| Predecessor { id: newest.id, reason }) });
        }
    }
    Ok(if any { steps } else { Vec::new() })
}

fn standing(newest: &Certificate, changed: bool, now: Moment) -> Standing {
    match (newest.state, newest.reason) {
        (State::Active, _) if changed || newest.not_after.since(now) <= ending::NEAR => Standing::Due,
        (State::Active, _) => Standing::Good,
        (State::Abandoned, _) | (State::Revoked, Some(Reason::KeyCompromise | Reason::Superseded)) => Standing::Due,
        (State::Revoked, Some(Reason::AffiliationChanged)) if changed => Standing::Due,
        (State::Intended | State::Revoked, _) => Standing::Left,
    }
}

/// Renews.
///
/// # Errors
/// [`EmployeeError::ProveAgain`], [`EmployeeError::NothingToRenew`], [`EmployeeError::Overtaken`]; [`EmployeeError::Account`] for a wrong password.
pub async fn renew(ground: &Ground, actor: &Actor, password: &Secret<String>, network: &str) -> Result<Vec<CertificateId>, EmployeeError> {
    let now = ground.clock().now();
    if !actor.has_proven(now) {
        return Err(EmployeeError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let employee = read::of_account(&mut reader, actor.account).await?.ok_or(EmployeeError::NotFound)?;
    let company = companies::read::company(&mut reader, employee.company).await?.ok_or(EmployeeError::NotFound)?;
    if employee.state != EmployeeState::Active {
        return Err(EmployeeError::NotActive);
    }
    let steps = due(&mut reader, &employee, now).await?;
    drop(reader);
    if steps.is_empty() {
        return Err(EmployeeError::NothingToRenew);
    }
    let proven = accounts::check_password(ground, Who::Account(actor.account), password, network).await?;
    let protection = PasswordProtection { account: actor.account, salt: proven.salt.clone(), prk: &proven.prk };
    let wanted: Vec<Profile> = steps.iter().map(|step| step.profile).collect();
    let prepared = certificates::prepare_for_employee(ground, &holder(&employee, &company)?, &wanted, &protection).await?;
    let intentions: Vec<_> = prepared.into_iter().zip(&steps).map(|(intention, step)| intention.following(step.follows)).collect();
    ground.database.write(async |unit| store_all(unit, actor, &employee, &proven.salt, &intentions).await).await?;
    Ok(certificates::finish_all(ground, &intentions).await)
}

/// Claims the renewal and stores its intentions, or nothing. The keys lie under the password that was checked: it must still be the one.
async fn store_all(
    unit: &mut Unit,
    actor: &Actor,
    employee: &Employee,
    salt: &[u8],
    intentions: &[Intention],
) -> Result<(), EmployeeError> {
    if !store::claim_renewal(unit, employee.id, employee.renewals).await? || !accounts::is_still_under(unit, actor.account, salt).await? {
        return Err(EmployeeError::Overtaken);
    }
    for intention in intentions {
        certificates::store_intention(unit, intention, actor.author()).await?;
    }
    let event = audit::Event::new("employee.renewed", actor.author(), format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("certificates", intentions.len());
    Ok(audit::record(unit, event).await?)
}
