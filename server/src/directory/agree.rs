//! Saying yes to being found, and taking it back: for oneself only.

use certs::profiles::Kind;

use super::{Address, DirectoryError, store};
use crate::{
    audit, certificates,
    platform::{
        actor::Actor,
        database::{Reader, Unit},
        id::EmployeeId,
        moment::Moment,
    },
};

/// The address in the person's own valid certificate, by which they can be found.
///
/// # Errors
/// [`DirectoryError::NotAnEmployee`], [`DirectoryError::NoCertificate`].
pub async fn own_address(reader: &mut Reader, actor: &Actor, now: Moment) -> Result<Address, DirectoryError> {
    let employee = actor.employee.ok_or(DirectoryError::NotAnEmployee)?;
    for kind in [Kind::Encryption, Kind::Mail] {
        let certificate = certificates::read::usable_of(reader, employee, kind, now).await?;
        if let Some(address) = certificate.and_then(|certificate| Address::parse(&certificate.email?)) {
            return Ok(address);
        }
    }
    Err(DirectoryError::NoCertificate)
}

/// The person is found by this address from now on, and by no other.
///
/// # Errors
/// [`DirectoryError::NotAnEmployee`].
pub async fn agree(unit: &mut Unit, actor: &Actor, address: &Address) -> Result<(), DirectoryError> {
    let employee = actor.employee.ok_or(DirectoryError::NotAnEmployee)?;
    if store::list(unit, employee, address).await? {
        audit::record(unit, event("directory_listing.agreed", actor, employee).personal("address", address.as_str())).await?;
    }
    Ok(())
}

/// The person is not found any more. Taking back what was not given is no error.
///
/// # Errors
/// [`DirectoryError::NotAnEmployee`].
pub async fn take_back(unit: &mut Unit, actor: &Actor) -> Result<(), DirectoryError> {
    let employee = actor.employee.ok_or(DirectoryError::NotAnEmployee)?;
    if store::unlist(unit, employee).await? {
        audit::record(unit, event("directory_listing.withdrawn", actor, employee)).await?;
    }
    Ok(())
}

fn event(action: &'static str, actor: &Actor, employee: EmployeeId) -> audit::Event {
    audit::Event::new(action, actor.author(), format_args!("employee:{employee}")).company(actor.company)
}
