//! An administrator changes an employee's names or address. Certificates that name the person as they were are to be renewed by the person within
//! five days and are revoked then in any case; the old address and the new one are told.
//!
//! S/MIME Baseline Requirements 4.9.1.1: a certificate that became inaccurate is revoked within five days. Until then the person may still sign.

use time::Duration;

use super::{
    error::EmployeeError,
    model::{Employee, EmployeeState, Person},
    store,
};
use crate::{
    accounts, audit,
    companies::Company,
    notices::{self, Kind, Notice, Sealed},
    platform::{actor::Author, database::Unit, ground::Ground},
    webhooks::{self, Event, EventKind},
};

/// So long certificates may name the person as they were.
const RENEWED_WITHIN: Duration = Duration::days(5);

/// A change with its message, ready for the unit.
pub struct Prepared {
    old: Employee,
    new: Person,
    told: Sealed,
}

impl Prepared {
    /// Whether certificates that are out now say something else.
    fn shows_in_certificates(&self) -> bool {
        let (old, new) = (&self.old.person, &self.new);
        let renamed = (&old.given_name, &old.surname) != (&new.given_name, &new.surname);
        matches!(self.old.state, EmployeeState::Active | EmployeeState::Suspended)
            && (renamed || (self.moved() && self.old.email_in_certificate.is_included()))
    }

    fn moved(&self) -> bool {
        self.old.person.email != self.new.email
    }
}

/// Seals what will be told.
///
/// # Errors
/// [`EmployeeError::AlreadyLeft`], [`EmployeeError::NothingChanged`]; when the notices fail.
pub async fn prepare(ground: &Ground, company: &Company, old: Employee, new: Person) -> Result<Prepared, EmployeeError> {
    if old.state == EmployeeState::Left {
        return Err(EmployeeError::AlreadyLeft);
    }
    if old.person == new {
        return Err(EmployeeError::NothingChanged);
    }
    let until = ground.clock().now().plus(RENEWED_WITHIN);
    let notice = Notice::mail(Kind::EmployeeChanged)
        .with("company", &company.legal_name)
        .with("person", &new.common_name)
        .with("email", &new.email)
        .with("until", until);
    let told = notices::seal(ground, &notice).await?;
    Ok(Prepared { old, new, told })
}

/// Changes. An invitation that went to another address is dead: send a new one.
///
/// # Errors
/// [`EmployeeError::Overtaken`] when somebody else changed the employee meanwhile.
pub async fn change(unit: &mut Unit, prepared: &Prepared, author: Author) -> Result<(), EmployeeError> {
    let (old, new) = (&prepared.old, &prepared.new);
    let renew_by = prepared.shows_in_certificates().then(|| unit.now().plus(RENEWED_WITHIN));
    if !store::change(unit, old, new, renew_by).await? {
        return Err(EmployeeError::Overtaken);
    }
    accounts::rename(unit, old.account, new.common_name.as_str(), author).await?;
    if prepared.moved() {
        let former = notices::keep_former(unit, old.id.into()).await?;
        notices::tell(unit, former, &prepared.told).await?;
        if old.state == EmployeeState::Invited {
            accounts::withdraw_activations(unit, old.account).await?;
        }
    }
    notices::change_contact(unit, old.id.into(), new.common_name.as_str(), new.email.as_str()).await?;
    notices::tell(unit, old.id.into(), &prepared.told).await?;
    webhooks::tell(unit, old.company, Event::new(EventKind::EmployeeChanged).with("employee", old.id)).await?;
    let event = audit::Event::new("employee.changed", author, format_args!("employee:{}", old.id))
        .company(old.company)
        .fact("certificates", if renew_by.is_some() { "renewed or revoked" } else { "unchanged" })
        .personal("name", &new.common_name)
        .personal("email", &new.email);
    Ok(audit::record(unit, event).await?)
}
