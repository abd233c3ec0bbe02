//! The end of a company here: it keeps its rows and its numbers, and loses its standing. Who leaves with it is `employees`'s to say.

use super::{error::CompanyError, store};
use crate::platform::{database::Unit, id::CompanyId};

/// Closes a company, whether it ever began or not. From this commit on nobody acts for it.
///
/// # Errors
/// [`CompanyError::AlreadyClosed`], [`CompanyError::NotFound`].
pub async fn close(unit: &mut Unit, company: CompanyId) -> Result<(), CompanyError> {
    if store::company(unit, company).await?.is_none() {
        return Err(CompanyError::NotFound);
    }
    if !store::close(unit, company).await? {
        return Err(CompanyError::AlreadyClosed);
    }
    store::end_administrators(unit, company).await?;
    Ok(())
}

/// Takes a company for this unit if it is not closed: whoever closes it waits, and then sees what this unit wrote.
///
/// # Errors
/// [`CompanyError::NotFound`] for one that is not there, or was closed.
pub async fn hold_open(unit: &mut Unit, company: CompanyId) -> Result<(), CompanyError> {
    if store::hold_open(unit, company).await? { Ok(()) } else { Err(CompanyError::NotFound) }
}
