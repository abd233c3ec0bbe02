//! Questions about operators and their changes.

use uuid::Uuid;

use super::{model::Change, store};
use crate::{
    accounts::{self, Account, AccountKind, AccountState},
    notices,
    platform::{
        actor::Role,
        cursor::{Cursor, Listing},
        database::{Connection, DatabaseError, Reader},
        id::{AccountId, Id as _, OperatorChangeId},
        limits,
    },
};

/// An operator who has not ended, with the address where mail goes.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Name, roles, state.
    pub account: Account,
    /// Where mail goes.
    pub email: String,
}

/// Whether somebody may ask and consent.
pub(super) fn has_security(account: &Account) -> bool {
    account.state == AccountState::Active && account.roles.contains(&Role::Security)
}

/// Everybody who has not ended, oldest first; there are a hundred at most.
///
/// # Errors
/// When the database fails.
pub async fn operators(reader: &mut Reader) -> Result<Vec<Operator>, DatabaseError> {
    let mut found = Vec::new();
    for account in accounts::read::operators(reader).await? {
        let email = notices::contact(reader, account.id.into()).await?.and_then(|contact| contact.email);
        found.push(Operator { account, email: email.unwrap_or_default() });
    }
    Ok(found)
}

/// An operator who has not ended.
///
/// # Errors
/// When the database fails.
pub async fn operator(connection: &mut impl Connection, id: AccountId) -> Result<Option<Account>, DatabaseError> {
    let found = accounts::read::account(connection, id).await?;
    Ok(found.filter(|account| account.kind == AccountKind::Operator && account.state != AccountState::Blocked))
}

/// One change.
///
/// # Errors
/// When the database fails.
pub async fn change(connection: &mut impl Connection, id: OperatorChangeId) -> Result<Option<Change>, DatabaseError> {
    store::by_id(connection, id).await
}

/// The changes, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn changes(connection: &mut impl Connection, after: Option<&Cursor>) -> Result<Listing<Change>, DatabaseError> {
    let before = after.map_or_else(|| OperatorChangeId::from_uuid(Uuid::max()), |cursor| OperatorChangeId::from_uuid(cursor.id));
    let rows = store::page(connection, before, limits::PAGE_ROWS + 1).await?;
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |change: &Change| change.id))
}
