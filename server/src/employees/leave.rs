//! An employee leaves, or never came: certificates revoked, cards blocked, account closed, and no standing from this very commit on.

use certs::revocation::Reason;

use super::{error::EmployeeError, store, suspend};
use crate::{
    accounts, audit, certificates, companies, cpr_numbers, keycards,
    notices::{self, Kind, Notice, Sealed},
    phones,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{CompanyId, EmployeeId},
    },
    tokens,
    webhooks::{self, Event, EventKind},
};

/// The mail to somebody who left.
///
/// # Errors
/// When it cannot be sealed.
pub async fn told(ground: &Ground) -> Result<Sealed, EmployeeError> {
    Ok(notices::seal(ground, &Notice::mail(Kind::EmployeeLeft)).await?)
}

/// Ends an employment.
///
/// # Errors
/// [`EmployeeError::NotFound`], [`EmployeeError::AlreadyLeft`], and `LastAdministrator` when nobody else administers the company.
pub async fn leave(unit: &mut Unit, company: CompanyId, employee: EmployeeId, told: &Sealed, author: Author) -> Result<(), EmployeeError> {
    let found = store::employee(unit, company, employee).await?.ok_or(EmployeeError::NotFound)?;
    if !store::leave(unit, employee).await? {
        return Err(EmployeeError::AlreadyLeft);
    }
    if companies::read::administrators(unit, company).await?.contains(&employee) {
        suspend::require_other(unit, company, employee).await?;
        companies::end_administrator(unit, company, employee).await?;
    }
    certificates::revoke_all_of_employee(unit, employee, author, Reason::CessationOfOperation).await?;
    keycards::block_all(unit, found.account, author).await?;
    tokens::block_all(unit, found.account, author).await?;
    phones::block_all(unit, found.account, author).await?;
    accounts::block(unit, found.account, author).await?;
    cpr_numbers::forget(unit, company, employee, author).await?;
    let event =
        audit::Event::new("employee.left", author, format_args!("employee:{employee}")).company(company).fact("account", found.account);
    audit::record(unit, event).await?;
    notices::tell(unit, employee.into(), told).await?;
    webhooks::tell(unit, company, Event::new(EventKind::EmployeeLeft).with("employee", employee)).await?;
    Ok(())
}
