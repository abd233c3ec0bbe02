//! Who administers a company. What makes or judges employees lives in `employees`; here stands only the set, never empty. Each change may
//! change who holds the company's key in the archive, which therefore looks again.

use super::{error::CompanyError, store};
use crate::{
    archives,
    platform::{
        database::Unit,
        id::{CompanyId, EmployeeId},
    },
};

/// The company becomes active with its first administrator.
///
/// # Errors
/// [`CompanyError::NotFound`] when the company does not wait for just this.
pub async fn record_first(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<(), CompanyError> {
    if !store::activate(unit, company).await? {
        return Err(CompanyError::NotFound);
    }
    match store::insert_administrator(unit, company, employee).await? {
        true => Ok(archives::holders_changed(unit, company).await?),
        false => Err(CompanyError::AlreadyAdministrator),
    }
}

/// One administrator more.
///
/// # Errors
/// [`CompanyError::AlreadyAdministrator`], [`CompanyError::NotFound`].
pub async fn appoint(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<(), CompanyError> {
    if !store::add_to_count(unit, company).await? {
        return Err(CompanyError::NotFound);
    }
    match store::insert_administrator(unit, company, employee).await? {
        true => Ok(archives::holders_changed(unit, company).await?),
        false => Err(CompanyError::AlreadyAdministrator),
    }
}

/// One administrator fewer, but never the last. The count is taken first: it locks the company's row, so two at once cannot both be
/// the last but one.
///
/// # Errors
/// [`CompanyError::LastAdministrator`], [`CompanyError::NotFound`] when the employee is no administrator.
pub async fn end_administrator(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<(), CompanyError> {
    let counted = store::take_from_count(unit, company).await?;
    if !store::end_administrator(unit, company, employee).await? {
        return Err(CompanyError::NotFound);
    }
    archives::holders_changed(unit, company).await?;
    if counted { Ok(()) } else { Err(CompanyError::LastAdministrator) }
}
