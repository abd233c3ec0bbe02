//! Creates accounts, sets their password and roles, suspends and blocks them.

use super::{Account, AccountError, NewAccount, Protected, UserId, forget_devices, place::Place, store};
use crate::{
    audit,
    platform::{
        actor::{Author, Role},
        database::{DatabaseError, Unit},
        id::AccountId,
    },
};

/// Creates an account without user id and password.
///
/// # Errors
/// When the database fails.
pub async fn create(unit: &mut Unit, new: NewAccount) -> Result<(), AccountError> {
    create_all(unit, &[new]).await
}

/// Creates several, with few statements.
///
/// # Errors
/// When the database fails.
pub async fn create_all(unit: &mut Unit, accounts: &[NewAccount]) -> Result<(), AccountError> {
    store::insert_all(unit, accounts).await?;
    let created = |new: &NewAccount| {
        audit::Event::new("account.created", Author::System("accounts"), subject(new.id))
            .fact("kind", new.kind.word())
            .fact("roles", store::words(&new.roles))
            .personal("name", &new.name)
    };
    Ok(audit::record_all(unit, accounts.iter().map(created).collect()).await?)
}

/// Gives an account its user id and password, for the first time or anew. The account is active then.
///
/// # Errors
/// [`AccountError::UserIdTaken`]; [`AccountError::Gone`] when the account is blocked or not there, or has another user id by now.
pub async fn set_password(unit: &mut Unit, account: AccountId, user_id: &UserId, protected: &Protected) -> Result<(), AccountError> {
    if store::user_id_is_taken(unit, user_id, account).await? {
        return Err(AccountError::UserIdTaken);
    }
    if !store::set_password(unit, account, user_id, protected).await? {
        return Err(AccountError::Gone);
    }
    let event = audit::Event::new("account.password_set", Author::Account(account), subject(account)).personal("user_id", user_id.text());
    Ok(audit::record(unit, event).await?)
}

/// Gives an active account another user id; the password stays.
///
/// # Errors
/// [`AccountError::UserIdTaken`]; [`AccountError::Gone`] when the account is not active.
pub async fn change_user_id(unit: &mut Unit, account: AccountId, user_id: &UserId, author: Author) -> Result<(), AccountError> {
    if store::user_id_is_taken(unit, user_id, account).await? {
        return Err(AccountError::UserIdTaken);
    }
    if !store::change_user_id(unit, account, user_id).await? {
        return Err(AccountError::Gone);
    }
    let event = audit::Event::new("account.user_id_changed", author, subject(account)).personal("user_id", user_id.text());
    Ok(audit::record(unit, event).await?)
}

/// Gives the account's person another name.
///
/// # Errors
/// When the database fails.
pub async fn rename(unit: &mut Unit, account: AccountId, name: &str, author: Author) -> Result<(), AccountError> {
    store::rename(unit, account, name).await?;
    Ok(audit::record(unit, audit::Event::new("account.renamed", author, subject(account)).personal("name", name)).await?)
}

/// A network from which the person has just proven themselves otherwise than by the password: wrong tries from there count no more.
///
/// # Errors
/// When the database fails.
pub async fn forgive(unit: &mut Unit, account: AccountId, network: &str) -> Result<(), AccountError> {
    store::note_right(unit, account, Place::Network.word(), network).await?;
    let event = audit::Event::new("account.tries_forgiven", Author::Account(account), subject(account)).personal("network", network);
    Ok(audit::record(unit, event).await?)
}

/// Whether the account's password still is the one of this salt. Holds the row until the unit ends, so that no other password slips in.
///
/// # Errors
/// When the database fails.
pub async fn is_still_under(unit: &mut Unit, account: AccountId, salt: &[u8]) -> Result<bool, AccountError> {
    Ok(store::hold_salt(unit, account, salt).await?)
}

/// The operators who are not blocked, as they stand while this unit lasts: of two units that decide about operators, one waits.
///
/// # Errors
/// When the database fails.
pub async fn hold_operators(unit: &mut Unit) -> Result<Vec<Account>, DatabaseError> {
    store::hold_operators(unit).await?;
    store::operators(unit).await
}

/// Gives an operator other roles.
///
/// # Errors
/// When the database fails.
pub async fn set_roles(unit: &mut Unit, account: AccountId, roles: &[Role], author: Author) -> Result<(), AccountError> {
    store::set_roles(unit, account, roles).await?;
    let event = audit::Event::new("account.roles_set", author, subject(account)).fact("roles", store::words(roles));
    Ok(audit::record(unit, event).await?)
}

/// Blocks an account: nobody logs in with it again, its open activations are withdrawn, its devices forgotten. Blocking twice is no error.
///
/// # Errors
/// When the database fails.
pub async fn block(unit: &mut Unit, account: AccountId, author: Author) -> Result<(), AccountError> {
    store::withdraw_activations(unit, account).await?;
    forget_devices(unit, account, author).await?;
    if store::block(unit, account).await? {
        audit::record(unit, audit::Event::new("account.blocked", author, subject(account))).await?;
    }
    Ok(())
}

/// Lets an account rest: nobody logs in with it, no phone of it answers, and no session of it counts, until [`resume`]. Nothing is taken from it.
///
/// # Errors
/// [`AccountError::Gone`] when it is not active.
pub async fn suspend(unit: &mut Unit, account: AccountId, author: Author) -> Result<(), AccountError> {
    if !store::suspend(unit, account).await? {
        return Err(AccountError::Gone);
    }
    Ok(audit::record(unit, audit::Event::new("account.suspended", author, subject(account))).await?)
}

/// Ends the rest of an account.
///
/// # Errors
/// [`AccountError::Gone`] when it is not suspended.
pub async fn resume(unit: &mut Unit, account: AccountId, author: Author) -> Result<(), AccountError> {
    if !store::resume(unit, account).await? {
        return Err(AccountError::Gone);
    }
    Ok(audit::record(unit, audit::Event::new("account.resumed", author, subject(account))).await?)
}

/// Whether the account is active, in a unit that no suspension and no block outruns.
///
/// # Errors
/// When the database fails.
pub async fn hold_active(unit: &mut Unit, account: AccountId) -> Result<bool, DatabaseError> {
    store::hold_active(unit, account).await
}

pub(super) fn subject(account: AccountId) -> String {
    format!("account:{account}")
}
