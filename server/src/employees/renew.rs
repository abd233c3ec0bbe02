//! An employee renews their certificates: with the password, right after a fresh proof by password and key. The identity stays, every key is new.
//!
//! Refuses: while all certificates hold for longer than sixty days, or until the eighteenth birthday, and name the person rightly; what somebody
//! withdrew (the right to it, or its use) does not come back this way. What is followed stays valid until the new one is active: then a changed one is revoked, any other runs out
//! by itself, without a signing key.

use certs::revocation::Reason;
use time::Duration;

use super::{
    activate::profiles,
    carrier::{self, Choice, Enrolment, HandedOver, Made},
    error::EmployeeError,
    identify::{self, Identity, identify},
    model::{Employee, EmployeeState},
    read, reissue, store,
};
use crate::{
    accounts::{self, Password, Who},
    audit,
    certificates::{self, Certificate, Intention, PasswordProtection, Predecessor, Profile, State, code::NewCode, ending},
    companies::{self, Company},
    phones,
    platform::{
        actor::{Actor, Author},
        database::{Connection, Unit},
        day::Day,
        fault::FieldFault,
        ground::Ground,
        id::CertificateId,
        moment::Moment,
        secret::Secret,
    },
    proofing,
};

/// What renewing needs.
pub struct Order {
    /// The password: it proves, and it locks keys that rest here.
    pub password: Secret<String>,
    /// Where the new keys shall rest.
    pub choice: Choice,
    /// The birth date, where none is on record: of whom earlier releases invited.
    pub birth_date: String,
}

impl Order {
    /// The birth date, if one was typed.
    fn birth(&self, now: Moment) -> Result<Option<Day>, EmployeeError> {
        if self.birth_date.trim().is_empty() {
            return Ok(None);
        }
        let birth = proofing::birth_of_age(&self.birth_date, Day::of(now)).map_err(|fault| EmployeeError::Invalid(vec![fault]))?;
        Ok(Some(birth))
    }
}

/// What renewing gave.
pub struct Renewed {
    /// The certificates, signed or about to be.
    pub certificates: Vec<CertificateId>,
    /// What revokes them without a login.
    pub revocation_code: Secret<String>,
    /// Key files, if the person chose them: this is the only time that they are there.
    pub handed_over: Option<HandedOver>,
}

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
/// `adult_at` is the person's eighteenth birthday while it is to come: what ends with it is renewed then, and not before.
pub async fn due(
    connection: &mut impl Connection,
    employee: &Employee,
    now: Moment,
    adult_at: Option<Moment>,
) -> Result<Vec<Step>, EmployeeError> {
    let changed = employee.renew_by.is_some();
    let (mut steps, mut any) = (Vec::new(), false);
    for profile in profiles(employee).iter().copied() {
        let newest = ending::newest(connection, employee.id, profile).await?;
        let standing = newest.as_ref().map_or(Standing::Due, |newest| standing(newest, changed, now, adult_at));
        any |= standing == Standing::Due;
        if standing != Standing::Left {
            let reason = changed.then_some(Reason::AffiliationChanged);
            steps.push(Step { profile, follows: newest.map(|newest| Predecessor { id: newest.id, reason }) });
        }
    }
    Ok(if any { steps } else { Vec::new() })
}

/// Whether a certificate ends with its holder's youth: a new one would end no later.
pub(super) fn ends_with_youth(not_after: Moment, adult_at: Option<Moment>) -> bool {
    // It lasts whole days, and one at least.
    adult_at.is_some_and(|adult_at| adult_at.since(not_after).abs() <= Duration::DAY)
}

fn standing(newest: &Certificate, changed: bool, now: Moment, adult_at: Option<Moment>) -> Standing {
    match (newest.state, newest.reason) {
        (State::Active, _) if !changed && ends_with_youth(newest.not_after, adult_at) => Standing::Good,
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
/// [`EmployeeError::ProveAgain`], [`EmployeeError::NothingToRenew`], [`EmployeeError::Overtaken`]; [`EmployeeError::Invalid`] without the birth date
/// of whom none is on record; [`EmployeeError::Account`] for a wrong password.
pub async fn renew(ground: &Ground, actor: &Actor, order: &Order, network: &str) -> Result<Renewed, EmployeeError> {
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
    if let Some(until) = reissue::waits_until(&mut reader, employee.id, now).await? {
        return Err(EmployeeError::StillWaits { until });
    }
    let allowed = carrier::allowed(&mut reader, company.id).await?;
    drop(reader);
    let identity = identify(ground, employee.id, order.birth(now)?).await?;
    let steps = due(&mut ground.database.read().await?, &employee, now, identity.youth_until).await?;
    if steps.is_empty() {
        return Err(EmployeeError::NothingToRenew);
    }
    if identity.lacks_birth_date {
        return Err(EmployeeError::Invalid(vec![FieldFault::new("birth_date", "field_empty")]));
    }
    let wanted: Vec<Profile> = steps.iter().map(|step| step.profile).collect();
    let enrolment = carrier::read(&order.choice, &allowed, &wanted).map_err(EmployeeError::Invalid)?;
    if enrolment.is_under_password() && Password::is_four_digits(order.password.reveal()) {
        return Err(EmployeeError::Invalid(vec![FieldFault::new("password", "field_four_digits_key")]));
    }
    let follows = |profile: Profile| steps.iter().find(|step| step.profile == profile).and_then(|step| step.follows);
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), &order.password, network).await?;
    let protection = PasswordProtection { account: actor.account, salt: proven.salt.clone(), prk: &proven.prk, strength: proven.strength };
    let mut made = carrier::intend(ground, (&employee, &company, &identity), &wanted, enrolment, &protection).await?;
    let following = |intention: Intention| match Profile::of(intention.kind) {
        Some(profile) => intention.following(follows(profile)),
        None => intention,
    };
    made.intentions = made.intentions.into_iter().map(following).collect();
    let code = certificates::code::draw(ground).await?;
    let stored = (&made.intentions[..], &code);
    ground
        .database
        .write(async |unit| {
            store_all(unit, actor, &employee, &proven.salt, stored).await?;
            identify::store(unit, &identity, &employee, actor.author()).await
        })
        .await?;
    phones::tend(ground, &proven).await;
    let certificates = made.intentions.iter().map(|intention| intention.id).collect();
    Ok(Renewed { certificates, revocation_code: code.code, handed_over: carrier::finish(ground, made, employee.name()).await? })
}

/// Right after a forgotten password was replaced: certificates follow what the old password opened, and wait for their time.
///
/// # Errors
/// As the certificates' preparing.
pub(super) async fn follow(
    ground: &Ground,
    (employee, company, identity): (&Employee, &Company, &Identity),
    enrolment: Enrolment,
    protection: &PasswordProtection<'_>,
) -> Result<Option<Followed>, EmployeeError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let steps = due(&mut reader, employee, now, identity.youth_until).await?;
    let until = reissue::waits_until(&mut reader, employee.id, now).await?;
    drop(reader);
    // A file is handed over at once or never: whoever chose one renews when the time has come.
    if steps.is_empty() || (until.is_some() && enrolment.is_handed_over()) {
        return Ok(None);
    }
    let wanted: Vec<Profile> = steps.iter().map(|step| step.profile).filter(|profile| enrolment.includes(*profile)).collect();
    let follows = |profile: Profile| steps.iter().find(|step| step.profile == profile).and_then(|step| step.follows);
    let mut made = carrier::intend(ground, (employee, company, identity), &wanted, enrolment, protection).await?;
    let following = |intention: Intention| match Profile::of(intention.kind) {
        Some(profile) => intention.following(follows(profile)),
        None => intention,
    };
    made.intentions = made.intentions.into_iter().map(following).collect();
    let code = certificates::code::draw(ground).await?;
    let author = Author::Account(protection.account);
    let stored = (&made.intentions[..], &code, protection.salt.as_slice());
    ground.database.write(async |unit| store_following(unit, employee, stored, until, author).await).await?;
    Ok(Some(Followed { made, code, until }))
}

/// What follows a replaced password.
pub(super) struct Followed {
    pub(super) made: Made,
    pub(super) code: NewCode,
    /// Until when it waits; none: it is to be finished now.
    pub(super) until: Option<Moment>,
}

async fn store_following(
    unit: &mut Unit,
    employee: &Employee,
    (intentions, code, salt): (&[Intention], &NewCode, &[u8]),
    until: Option<Moment>,
    author: Author,
) -> Result<(), EmployeeError> {
    // The keys lie under the password that was just chosen: stopped meanwhile, and perhaps replaced once more, it must not get any.
    let claimed = store::claim_renewal(unit, employee.id, employee.renewals).await?;
    if !claimed || !accounts::is_still_under(unit, employee.account, salt).await? {
        return Err(EmployeeError::Overtaken);
    }
    for intention in intentions {
        certificates::store_intention(unit, intention, author).await.map_err(|error| carrier::refused(error, intention.kind))?;
    }
    let ids: Vec<CertificateId> = intentions.iter().map(|intention| intention.id).collect();
    certificates::code::give(unit, code, &ids, author).await?;
    if let Some(until) = until {
        certificates::hold(unit, &ids, until, author).await?;
    }
    let event = audit::Event::new("employee.renewed", author, format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("certificates", intentions.len());
    Ok(audit::record(unit, event).await?)
}

/// Claims the renewal and stores its intentions, or nothing. The keys lie under the password that was checked: it must still be the one.
async fn store_all(
    unit: &mut Unit,
    actor: &Actor,
    employee: &Employee,
    salt: &[u8],
    (intentions, code): (&[Intention], &NewCode),
) -> Result<(), EmployeeError> {
    if !store::claim_renewal(unit, employee.id, employee.renewals).await? || !accounts::is_still_under(unit, actor.account, salt).await? {
        return Err(EmployeeError::Overtaken);
    }
    for intention in intentions {
        certificates::store_intention(unit, intention, actor.author()).await.map_err(|error| carrier::refused(error, intention.kind))?;
    }
    let ids: Vec<CertificateId> = intentions.iter().map(|intention| intention.id).collect();
    certificates::code::give(unit, code, &ids, actor.author()).await?;
    let event = audit::Event::new("employee.renewed", actor.author(), format_args!("employee:{}", employee.id))
        .company(employee.company)
        .fact("certificates", intentions.len());
    Ok(audit::record(unit, event).await?)
}
