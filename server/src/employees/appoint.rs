//! Who administers a company: the first by the signatories' agreement, others by an administrator; never nobody.

use super::{
    error::EmployeeError,
    invite::{self, Invitation, Known, Post},
    model::{EmailInCertificate, Employee, EmployeeState, Person, Vouching},
    store, suspend,
};
use crate::{
    accounts, audit,
    companies::{
        self, AdministratorPost, Nominee,
        agreement::{Acceptance, Accepted, Agreed},
    },
    notices::{self, Kind, Notice, Sealed},
    platform::{
        actor::Author,
        database::{Connection, Unit},
        fault::FieldFault,
        ground::Ground,
        id::{CompanyId, EmployeeId},
        words::Language,
    },
};

/// A signatory's acceptance, and the invitation that follows when it is the last one.
pub struct Prepared {
    acceptance: Acceptance,
    due: Option<Due>,
}

struct Due {
    nominee: Nominee,
    invitation: invite::Prepared,
    active: Sealed,
}

/// What an acceptance led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The company is active, its administrator invited.
    Active {
        /// The company.
        company: CompanyId,
        /// The administrator.
        administrator: EmployeeId,
    },
    /// Others are still to accept.
    Waiting {
        /// How many.
        pending: i64,
    },
}

/// Reads whom a signatory appoints, so that what certificates refuse is refused here.
///
/// # Errors
/// The faults, each with its field.
pub fn nominee(given_name: &str, surname: &str, email: &str) -> Result<Nominee, Vec<FieldFault>> {
    let person = invite::person("administrator/", given_name, surname, email)?;
    Ok(Nominee { given_name: person.given_name, surname: person.surname, email: person.email })
}

/// The same for whoever succeeds administrators.
///
/// # Errors
/// The faults, each with its field.
pub fn successor(given_name: &str, surname: &str, email: &str) -> Result<Nominee, Vec<FieldFault>> {
    let person = invite::person("successor/", given_name, surname, email)?;
    Ok(Nominee { given_name: person.given_name, surname: person.surname, email: person.email })
}

/// Makes the invitation ready for whoever is appointed (now, or before by another signatory).
///
/// # Errors
/// [`companies::CompanyError::NotFound`], [`companies::CompanyError::AlreadyAccepted`], [`companies::CompanyError::LinkExpired`]; when the notices fail.
pub async fn prepare(ground: &Ground, acceptance: Acceptance, language: Language) -> Result<Prepared, EmployeeError> {
    let mut reader = ground.database.read().await?;
    let (signatory, company) = companies::agreement::find(&mut reader, &acceptance, ground.clock().now()).await?;
    drop(reader);
    let Some(nominee) = company.nominee.clone().or_else(|| acceptance.nominee.clone()) else {
        return Ok(Prepared { acceptance, due: None });
    };
    let person = Person::of(nominee.given_name.clone(), nominee.surname.clone(), nominee.email.clone())
        .map_err(|error| EmployeeError::Invalid(vec![companies::register::name_fault("administrator/surname", &error)]))?;
    let (email_in_certificate, known) = (EmailInCertificate::LeftOut, Known::Birth(None));
    let invitation = Invitation { person, email_in_certificate, vouched: Vouching::ByLetter, known, language, telephone: None };
    let author = acceptance.author(signatory.id);
    let invitation = invite::prepare(ground, &company, &invitation, Post::Administrator, author).await?;
    let active = notices::seal(ground, &Notice::mail(Kind::CompanyActive).with("company", &company.legal_name)).await?;
    Ok(Prepared { acceptance, due: Some(Due { nominee, invitation, active }) })
}

/// Records the acceptance; the last one makes the company active and invites its administrator.
///
/// # Errors
/// Those of [`companies::agreement::accept`]; [`EmployeeError::Overtaken`] when another signatory was faster: prepare again.
pub async fn accept(unit: &mut Unit, prepared: &Prepared) -> Result<Outcome, EmployeeError> {
    let Agreed { company, signatory, nominee } = match companies::agreement::accept(unit, &prepared.acceptance).await? {
        Accepted::Waiting { pending } => return Ok(Outcome::Waiting { pending }),
        Accepted::Complete(agreed) => *agreed,
    };
    let due = prepared.due.as_ref().filter(|due| due.nominee == nominee).ok_or(EmployeeError::Overtaken)?;
    let author = prepared.acceptance.author(signatory.id);
    let administrator = invite::invite(unit, &due.invitation, author).await?;
    companies::record_first(unit, company.id, administrator).await?;
    let event = audit::Event::new("company.activated", author, format_args!("company:{}", company.id))
        .company(company.id)
        .fact("administrator", administrator);
    audit::record(unit, event).await?;
    for signatory in companies::read::signatories(unit, company.id).await? {
        notices::tell(unit, signatory.id.into(), &due.active).await?;
    }
    Ok(Outcome::Active { company: company.id, administrator })
}

/// An administrator appoints another, who must be active: an invited one could not act if everybody else left.
///
/// # Errors
/// [`EmployeeError::NotFound`], [`EmployeeError::NotActive`], [`EmployeeError::FourDigits`], [`companies::CompanyError::AlreadyAdministrator`],
/// [`companies::CompanyError::LastSuperadministrator`].
pub async fn appoint(
    unit: &mut Unit,
    company: CompanyId,
    (employee, post): (EmployeeId, AdministratorPost),
    told: &Sealed,
    author: Author,
) -> Result<(), EmployeeError> {
    let found = store::employee(unit, company, employee).await?.ok_or(EmployeeError::NotFound)?;
    if found.state != EmployeeState::Active {
        return Err(EmployeeError::NotActive);
    }
    require_long_password(unit, &found).await?;
    // Whoever becomes less than they were leaves somebody active who is as much.
    if post == AdministratorPost::Administrator && companies::read::post(unit, company, employee).await?.is_some_and(|had| had != post) {
        suspend::require_other(unit, company, employee).await?;
    }
    companies::appoint(unit, company, employee, post).await?;
    let event = audit::Event::new("administrator.appointed", author, format_args!("employee:{employee}"))
        .company(company)
        .fact("post", post.word());
    audit::record(unit, event).await?;
    notices::tell(unit, employee.into(), told).await?;
    Ok(())
}

/// Whoever administers holds a share of the company's key under their password: one of four digits is no place for it (`security.md` section 2).
pub(super) async fn require_long_password(connection: &mut impl Connection, employee: &Employee) -> Result<(), EmployeeError> {
    match accounts::read::has_four_digits(connection, employee.account).await? {
        true => Err(EmployeeError::FourDigits),
        false => Ok(()),
    }
}

/// The mail to somebody who becomes superadministrator.
///
/// # Errors
/// When it cannot be sealed.
pub async fn told(ground: &Ground, company: &companies::Company) -> Result<Sealed, EmployeeError> {
    told_of(ground, company, (None, AdministratorPost::Superadministrator)).await
}

/// The mail to somebody who gets a post instead of the one they had: more, or less.
///
/// # Errors
/// When it cannot be sealed.
pub async fn told_of(
    ground: &Ground,
    company: &companies::Company,
    (had, post): (Option<AdministratorPost>, AdministratorPost),
) -> Result<Sealed, EmployeeError> {
    let kind = match (had, post) {
        (_, AdministratorPost::Superadministrator) => Kind::SuperadministratorAppointed,
        (Some(AdministratorPost::Superadministrator), AdministratorPost::Administrator) => Kind::AdministratorDemoted,
        (Some(AdministratorPost::Administrator) | None, AdministratorPost::Administrator) => Kind::AdministratorAppointed,
    };
    let address = format!("{}/companies/{}", ground.config.server.public_url, company.id);
    Ok(notices::seal(ground, &Notice::mail(kind).with("company", &company.legal_name).with("link", address)).await?)
}

/// Which way somebody went who is, or was, a superadministrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Became one.
    Came,
    /// Is one no more.
    Went,
}

/// The mail to the other administrators when somebody becomes superadministrator, or is one no more.
///
/// # Errors
/// When it cannot be sealed.
pub async fn told_others(ground: &Ground, company: &companies::Company, employee: &Employee, turn: Turn) -> Result<Sealed, EmployeeError> {
    let kind = match turn {
        Turn::Came => Kind::SuperadministratorCame,
        Turn::Went => Kind::SuperadministratorWent,
    };
    let notice = Notice::mail(kind).with("company", &company.legal_name).with("employee", employee.name());
    Ok(notices::seal(ground, &notice).await?)
}

/// Tells every administrator but the one whom it is about.
///
/// # Errors
/// When the database fails.
pub async fn tell_others(unit: &mut Unit, company: CompanyId, about: EmployeeId, told: &Sealed) -> Result<(), EmployeeError> {
    for other in companies::read::administrators(unit, company).await?.into_iter().filter(|other| *other != about) {
        notices::tell(unit, other.into(), told).await?;
    }
    Ok(())
}

/// The mail to somebody whose post ended.
///
/// # Errors
/// When it cannot be sealed.
pub async fn told_of_end(ground: &Ground, company: &companies::Company) -> Result<Sealed, EmployeeError> {
    Ok(notices::seal(ground, &Notice::mail(Kind::AdministratorEnded).with("company", &company.legal_name)).await?)
}

/// An employee administers the company no more, but still works there, and is told.
///
/// # Errors
/// [`EmployeeError::NotFound`] when the company has no such administrator, [`companies::CompanyError::LastAdministrator`],
/// [`companies::CompanyError::LastSuperadministrator`].
pub async fn end(unit: &mut Unit, company: CompanyId, employee: EmployeeId, told: &Sealed, author: Author) -> Result<(), EmployeeError> {
    suspend::require_other(unit, company, employee).await?;
    companies::end_administrator(unit, company, employee).await?;
    let event = audit::Event::new("administrator.ended", author, format_args!("employee:{employee}")).company(company);
    audit::record(unit, event).await?;
    notices::tell(unit, employee.into(), told).await?;
    Ok(())
}
