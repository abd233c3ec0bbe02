//! An account rests while its person gets another password: nothing opens it, and nothing of it is lost until the other password is there.

use super::{AccountError, create::subject, forget_devices, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, id::AccountId},
};

/// Has an account rest: its password works no more, its known devices are forgotten. False when it was not active.
///
/// # Errors
/// When the database fails.
pub async fn rest(unit: &mut Unit, account: AccountId, author: Author) -> Result<bool, AccountError> {
    let rests = store::rest(unit, account).await?;
    forget_devices(unit, account, author).await?;
    if rests {
        audit::record(unit, audit::Event::new("account.rests", author, subject(account))).await?;
    }
    Ok(rests)
}

/// Has it work again, with the password that it had. False when it has none, or did not rest.
///
/// # Errors
/// When the database fails.
pub async fn wake(unit: &mut Unit, account: AccountId, author: Author) -> Result<bool, AccountError> {
    let woken = store::wake(unit, account).await?;
    if woken {
        audit::record(unit, audit::Event::new("account.woken", author, subject(account))).await?;
    }
    Ok(woken)
}

/// Whether it waits for a password and has none to come back to, in a unit that no activation outruns.
///
/// # Errors
/// When the database fails.
pub async fn lacks_password(unit: &mut Unit, account: AccountId) -> Result<bool, AccountError> {
    Ok(store::lacks_password(unit, account).await?)
}

/// Ends the password that it has: somebody else may have chosen it.
///
/// # Errors
/// When the database fails.
pub async fn end_password(unit: &mut Unit, account: AccountId, author: Author) -> Result<(), AccountError> {
    if store::end_password(unit, account).await? {
        audit::record(unit, audit::Event::new("account.password_ended", author, subject(account))).await?;
    }
    forget_devices(unit, account, author).await.map(drop)
}
