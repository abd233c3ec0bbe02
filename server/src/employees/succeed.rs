//! A new superadministrator comes in and others go out, by the word of those who may sign for the company: in one unit, and never with nobody left.
//! Whom a name and an address mean is decided when it is asked for ([`meant`]), not by whoever has the address at the end. With those who go, the
//! API keys that they made end, and the company's webhooks are told nothing more: they know the secrets.

use super::{
    appoint,
    error::EmployeeError,
    invite::{self, Invitation, Known, Post},
    model::{EmailInCertificate, Employee, EmployeeState, Person, Vouching},
    store,
};
use crate::{
    accounts, audit,
    companies::{self, AdministratorPost, Company, CompanyError, Nominee},
    notices::{self, Sealed},
    platform::{
        actor::Author,
        database::{Connection, Unit},
        ground::Ground,
        id::{AccountId, CompanyId, EmployeeId},
        moment::Moment,
    },
    webhooks,
};

/// Who comes.
#[derive(Clone, Debug)]
pub struct Successor {
    /// By name and address, as it was signed for.
    pub nominee: Nominee,
    /// Who that is, if they worked here when it was asked for; else they are invited.
    pub works_here: Option<EmployeeId>,
    /// Who ordered the letter of an invitation, beside the author.
    pub ordered_by: Option<AccountId>,
}

/// Who comes and who goes.
#[derive(Clone, Debug)]
pub struct Change {
    /// Who becomes superadministrator, if anybody does.
    pub successor: Option<Successor>,
    /// Whose posts end. Whoever has none any more is passed over.
    pub ends: Vec<EmployeeId>,
    /// Every post that was given at this moment or later ends too, if there is one.
    pub since: Option<Moment>,
}

/// A change with its mails, ready for the unit.
pub struct Prepared {
    company: CompanyId,
    new: Option<New>,
    ends: Vec<EmployeeId>,
    since: Option<Moment>,
    ended: Sealed,
}

enum New {
    /// Somebody who does not work there yet.
    Invited { nominee: Nominee, invitation: Box<invite::Prepared> },
    /// An active employee.
    Working { nominee: Nominee, employee: EmployeeId, told: Sealed },
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Succeeded {
    /// Who came.
    pub successor: Option<EmployeeId>,
    /// Whose posts ended.
    pub ended: Vec<EmployeeId>,
    /// How many of their API keys ended.
    pub api_keys: u64,
    /// How many webhooks of the company were disabled.
    pub webhooks: u64,
}

/// Whom a name and an address mean in a company now: an active employee of this name, whose address is not new; nobody, who would be invited.
///
/// # Errors
/// [`EmployeeError::SuccessorDiffers`] when whoever has the address may be somebody else: of another name, not active, or with it since lately.
pub async fn meant(
    connection: &mut impl Connection,
    company: CompanyId,
    nominee: &Nominee,
    now: Moment,
) -> Result<Option<EmployeeId>, EmployeeError> {
    match store::present_with(connection, company, nominee.email.as_str()).await?.as_slice() {
        [] => Ok(None),
        [one] if is_meant(connection, one, nominee, now).await? => Ok(Some(one.id)),
        _ => Err(EmployeeError::SuccessorDiffers),
    }
}

async fn is_meant(connection: &mut impl Connection, one: &Employee, nominee: &Nominee, now: Moment) -> Result<bool, EmployeeError> {
    let is_new = notices::is_new_contact(connection, one.id.into(), one.activated_at, now).await?;
    Ok(one.state == EmployeeState::Active && one.name() == nominee.name() && !is_new)
}

/// Writes invitation and mails.
///
/// # Errors
/// [`EmployeeError::SuccessorDiffers`] when the address means another now than when it was asked for; [`EmployeeError::Invalid`] for both names
/// together; when the keystore or the notices fail.
pub async fn prepare(ground: &Ground, company: &Company, change: Change, author: Author) -> Result<Prepared, EmployeeError> {
    let Change { successor, ends, since } = change;
    let new = match successor {
        Some(successor) => Some(prepare_new(ground, company, successor, author).await?),
        None => None,
    };
    Ok(Prepared { company: company.id, new, ends, since, ended: appoint::told_of_end(ground, company).await? })
}

async fn prepare_new(ground: &Ground, company: &Company, successor: Successor, author: Author) -> Result<New, EmployeeError> {
    let Successor { nominee, works_here, ordered_by } = successor;
    let mut reader = ground.database.read().await?;
    if meant(&mut reader, company.id, &nominee, ground.clock().now()).await? != works_here {
        return Err(EmployeeError::SuccessorDiffers);
    }
    let language = notices::language_of(&mut reader, company.id.into()).await?.unwrap_or(ground.config.policy.language);
    drop(reader);
    if let Some(employee) = works_here {
        return Ok(New::Working { nominee, employee, told: appoint::told(ground, company).await? });
    }
    let person = Person::of(nominee.given_name.clone(), nominee.surname.clone(), nominee.email.clone())
        .map_err(|error| EmployeeError::Invalid(vec![companies::register::name_fault("successor/surname", &error)]))?;
    let (email_in_certificate, known) = (EmailInCertificate::LeftOut, Known::Birth(None));
    let invitation = Invitation { person, email_in_certificate, vouched: Vouching::ByLetter, known, language, telephone: None };
    let invitation = invite::prepare(ground, company, &invitation, Post::Administrator, author).await?.letter_ordered_by(ordered_by);
    Ok(New::Invited { nominee, invitation: Box::new(invitation) })
}

/// Does it.
///
/// # Errors
/// `LastAdministrator` or `LastSuperadministrator` when nobody who can act would be left; [`EmployeeError::SuccessorDiffers`] when the address means
/// another by now: nobody else is raised.
pub async fn succeed(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<Succeeded, EmployeeError> {
    let company = prepared.company;
    companies::hold_open(unit, company).await?;
    let mut ends = prepared.ends.clone();
    if let Some(since) = prepared.since {
        ends.extend(companies::read::appointed_since(unit, company, since).await?);
    }
    ends.sort_unstable();
    ends.dedup();
    let mut done = Succeeded::default();
    if let Some(new) = &prepared.new {
        done.successor = Some(come_in(unit, company, new, author).await?);
    }
    let mut makers = Vec::new();
    for employee in ends.into_iter().filter(|employee| Some(*employee) != done.successor) {
        if companies::read::post(unit, company, employee).await?.is_none() {
            continue;
        }
        companies::end_administrator(unit, company, employee).await?;
        let event = audit::Event::new("administrator.ended", author, format_args!("employee:{employee}")).company(company);
        audit::record(unit, event).await?;
        notices::tell(unit, employee.into(), &prepared.ended).await?;
        makers.extend(store::employee(unit, company, employee).await?.map(|found| found.account));
        done.ended.push(employee);
    }
    if done.successor.is_none() {
        require_somebody(unit, company).await?;
    }
    if !done.ended.is_empty() {
        done.api_keys = accounts::end_api_keys_of(unit, company, &makers, author).await?;
        done.webhooks = webhooks::disable_all(unit, company, author).await?;
    }
    Ok(done)
}

async fn come_in(unit: &mut Unit, company: CompanyId, new: &New, author: Author) -> Result<EmployeeId, EmployeeError> {
    let post = AdministratorPost::Superadministrator;
    let (nominee, expected) = match new {
        New::Invited { nominee, .. } => (nominee, None),
        New::Working { nominee, employee, .. } => (nominee, Some(*employee)),
    };
    let now = unit.now();
    if meant(unit, company, nominee, now).await? != expected {
        return Err(EmployeeError::SuccessorDiffers);
    }
    let employee = match new {
        New::Working { employee, told, .. } => {
            if companies::read::post(unit, company, *employee).await? != Some(post) {
                appoint::appoint(unit, company, (*employee, post), told, author).await?;
            }
            return Ok(*employee);
        }
        New::Invited { invitation, .. } => invite::invite(unit, invitation, author).await?,
    };
    companies::appoint(unit, company, employee, post).await?;
    let event = audit::Event::new("administrator.appointed", author, format_args!("employee:{employee}"))
        .company(company)
        .fact("post", post.word());
    audit::record(unit, event).await?;
    Ok(employee)
}

/// Without a successor somebody of those before must be left who can act.
async fn require_somebody(unit: &mut Unit, company: CompanyId) -> Result<(), EmployeeError> {
    for id in companies::read::superadministrators(unit, company).await? {
        if store::employee(unit, company, id).await?.is_some_and(|found| found.state == EmployeeState::Active) {
            return Ok(());
        }
    }
    Err(CompanyError::LastSuperadministrator.into())
}
