//! Who administers a company. What makes or judges employees lives in `employees`; here stands only the set, and the superadministrators in it,
//! neither ever empty. Each change may change who holds the company's key in the archive, which therefore looks again.

use super::{
    error::CompanyError,
    model::AdministratorPost::{self, Administrator, Superadministrator},
    store,
};
use crate::{
    archives,
    platform::{
        database::Unit,
        id::{CompanyId, EmployeeId},
    },
};

/// The company becomes active with its first administrator, a superadministrator.
///
/// # Errors
/// [`CompanyError::NotFound`] when the company does not wait for just this.
pub async fn record_first(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<(), CompanyError> {
    if !store::activate(unit, company).await? {
        return Err(CompanyError::NotFound);
    }
    match store::insert_administrator(unit, company, employee, Superadministrator).await? {
        true => Ok(archives::holders_changed(unit, company).await?),
        false => Err(CompanyError::AlreadyAdministrator),
    }
}

/// One administrator more, or one with another post.
///
/// # Errors
/// [`CompanyError::AlreadyAdministrator`] for one who has the post, [`CompanyError::LastSuperadministrator`], [`CompanyError::NotFound`].
pub async fn appoint(unit: &mut Unit, company: CompanyId, employee: EmployeeId, post: AdministratorPost) -> Result<(), CompanyError> {
    // The company's row is locked first: of two who appoint at once the second one sees what the first one did.
    if !store::hold_open(unit, company).await? {
        return Err(CompanyError::NotFound);
    }
    let had = store::post(unit, company, employee).await?;
    match (had, post) {
        (Some(Administrator), Administrator) | (Some(Superadministrator), Superadministrator) => {
            return Err(CompanyError::AlreadyAdministrator);
        }
        (Some(Superadministrator), Administrator) if !store::demote_in_count(unit, company).await? => {
            return Err(CompanyError::LastSuperadministrator);
        }
        (None | Some(Administrator), Superadministrator) if !store::promote_in_count(unit, company).await? => {
            return Err(CompanyError::NotFound);
        }
        (None | Some(Administrator), Superadministrator) | (None | Some(Superadministrator), Administrator) => {}
    }
    if had.is_some() {
        return if store::change_post(unit, company, employee, post).await? { Ok(()) } else { Err(CompanyError::NotFound) };
    }
    if !store::add_to_count(unit, company).await? {
        return Err(CompanyError::NotFound);
    }
    match store::insert_administrator(unit, company, employee, post).await? {
        true => Ok(archives::holders_changed(unit, company).await?),
        false => Err(CompanyError::AlreadyAdministrator),
    }
}

/// One administrator fewer, but never the last, and never the last superadministrator. The count is taken first: it locks the company's row, so
/// two at once cannot both be the last but one.
///
/// # Errors
/// [`CompanyError::LastAdministrator`], [`CompanyError::LastSuperadministrator`], [`CompanyError::NotFound`] when the employee is no administrator.
pub async fn end_administrator(unit: &mut Unit, company: CompanyId, employee: EmployeeId) -> Result<(), CompanyError> {
    let counted = store::take_from_count(unit, company).await?;
    let post = store::post(unit, company, employee).await?.ok_or(CompanyError::NotFound)?;
    if !store::end_administrator(unit, company, employee).await? {
        return Err(CompanyError::NotFound);
    }
    archives::holders_changed(unit, company).await?;
    if !counted {
        return Err(CompanyError::LastAdministrator);
    }
    match post {
        Superadministrator if !store::demote_in_count(unit, company).await? => Err(CompanyError::LastSuperadministrator),
        Administrator | Superadministrator => Ok(()),
    }
}
