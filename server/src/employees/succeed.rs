//! A new superadministrator comes in and others go out, by the word of those who may sign for the company: in one unit, and never with nobody left.

use super::{
    appoint,
    error::EmployeeError,
    invite::{self, Invitation, Known, Post},
    model::{EmailInCertificate, EmployeeState, Person, Vouching},
    store,
};
use crate::{
    audit,
    companies::{self, AdministratorPost, Company, CompanyError, Nominee},
    notices::{self, Sealed},
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
};

/// Who comes and who goes.
#[derive(Clone, Debug)]
pub struct Change {
    /// Who becomes superadministrator, if anybody does.
    pub nominee: Option<Nominee>,
    /// Whose posts end. Whoever has none any more is passed over.
    pub ends: Vec<EmployeeId>,
}

/// A change with its mails, ready for the unit.
pub struct Prepared {
    company: CompanyId,
    new: Option<New>,
    ends: Vec<EmployeeId>,
    ended: Sealed,
}

enum New {
    /// Somebody who does not work there yet.
    Invited(Box<invite::Prepared>),
    /// An active employee.
    Working { employee: EmployeeId, told: Sealed },
}

/// Looks whether the successor works there already, by the address, and writes invitation and mails.
///
/// # Errors
/// [`EmployeeError::Invalid`] for both names together; when the keystore or the notices fail.
pub async fn prepare(ground: &Ground, company: &Company, change: Change, author: Author) -> Result<Prepared, EmployeeError> {
    let Change { nominee, ends } = change;
    let new = match nominee {
        Some(nominee) => Some(prepare_new(ground, company, nominee, author).await?),
        None => None,
    };
    Ok(Prepared { company: company.id, new, ends, ended: appoint::told_of_end(ground, company).await? })
}

async fn prepare_new(ground: &Ground, company: &Company, nominee: Nominee, author: Author) -> Result<New, EmployeeError> {
    let mut reader = ground.database.read().await?;
    let working = store::active_with(&mut reader, company.id, nominee.email.as_str()).await?;
    let language = notices::language_of(&mut reader, company.id.into()).await?.unwrap_or(ground.config.policy.language);
    drop(reader);
    if let Some(employee) = working {
        return Ok(New::Working { employee, told: appoint::told(ground, company).await? });
    }
    let person = Person::of(nominee.given_name, nominee.surname, nominee.email)
        .map_err(|error| EmployeeError::Invalid(vec![companies::register::name_fault("successor/surname", &error)]))?;
    let (email_in_certificate, known) = (EmailInCertificate::LeftOut, Known::Birth(None));
    let invitation = Invitation { person, email_in_certificate, vouched: Vouching::ByLetter, known, language, telephone: None };
    Ok(New::Invited(Box::new(invite::prepare(ground, company, &invitation, Post::Administrator, author).await?)))
}

/// Does it. Gives the successor.
///
/// # Errors
/// `LastAdministrator` or `LastSuperadministrator` when nobody who can act would be left; [`EmployeeError::NotActive`] when the successor is not
/// active any more.
pub async fn succeed(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<Option<EmployeeId>, EmployeeError> {
    let company = prepared.company;
    companies::hold_open(unit, company).await?;
    let successor = match &prepared.new {
        Some(new) => Some(come_in(unit, company, new, author).await?),
        None => None,
    };
    for employee in prepared.ends.iter().filter(|employee| Some(**employee) != successor) {
        if companies::read::post(unit, company, *employee).await?.is_none() {
            continue;
        }
        companies::end_administrator(unit, company, *employee).await?;
        let event = audit::Event::new("administrator.ended", author, format_args!("employee:{employee}")).company(company);
        audit::record(unit, event).await?;
        notices::tell(unit, (*employee).into(), &prepared.ended).await?;
    }
    if successor.is_none() {
        require_somebody(unit, company).await?;
    }
    Ok(successor)
}

async fn come_in(unit: &mut Unit, company: CompanyId, new: &New, author: Author) -> Result<EmployeeId, EmployeeError> {
    let post = AdministratorPost::Superadministrator;
    let employee = match new {
        New::Working { employee, told } => {
            if companies::read::post(unit, company, *employee).await? != Some(post) {
                appoint::appoint(unit, company, (*employee, post), told, author).await?;
            }
            return Ok(*employee);
        }
        New::Invited(invitation) => invite::invite(unit, invitation, author).await?,
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
