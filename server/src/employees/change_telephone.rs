//! An administrator changes an employee's telephone. The mail address is told, the number of before and the new one; whoever is active gets no secret
//! at the new number for three days.

use super::{error::EmployeeError, model::Employee, store};
use crate::{
    notices::{self, ChangedTelephone},
    platform::{actor::Author, database::Unit, ground::Ground},
};

/// Reads the number and writes what will be told; nothing typed takes the number away.
///
/// # Errors
/// [`EmployeeError::Invalid`] for what is no number, or one that cannot be called where no text messages leave; when the keystore fails.
pub async fn prepare(ground: &Ground, typed: &str) -> Result<ChangedTelephone, EmployeeError> {
    let new = notices::typed_telephone(&ground.config, typed).map_err(|fault| EmployeeError::Invalid(vec![fault]))?;
    Ok(notices::prepare_telephone(ground, new).await?)
}

/// Changes it. The same number changes nothing.
///
/// # Errors
/// [`EmployeeError::AlreadyLeft`].
pub async fn change(unit: &mut Unit, employee: &Employee, changed: &ChangedTelephone, author: Author) -> Result<(), EmployeeError> {
    if !store::hold(unit, employee.id).await? {
        return Err(EmployeeError::AlreadyLeft);
    }
    notices::change_telephone(unit, employee.id.into(), changed, author).await?;
    Ok(())
}
