//! Questions about accounts.

use super::{Account, AccountError, Activation, store};
use crate::platform::{
    database::{Connection, DatabaseError},
    id::{AccountId, ApiKeyId},
    password::Strength,
    secret,
};

/// An account by its id.
///
/// # Errors
/// When the database fails.
pub async fn account(connection: &mut impl Connection, id: AccountId) -> Result<Option<Account>, DatabaseError> {
    store::account(connection, id).await
}

/// What a company calls an API key, ended or not.
///
/// # Errors
/// When the database fails.
pub async fn api_key_name(connection: &mut impl Connection, id: ApiKeyId) -> Result<Option<String>, DatabaseError> {
    store::api_key_name(connection, id).await
}

/// The account of a user id, as it was typed.
///
/// # Errors
/// When the database fails.
pub async fn by_user_id(connection: &mut impl Connection, typed: &str) -> Result<Option<AccountId>, DatabaseError> {
    let folded = typed.trim().to_ascii_lowercase().replace('\0', "\u{fffd}");
    Ok(store::credentials_by_user_id(connection, &folded).await?.map(|found| found.id))
}

/// The salt of an account's password: it tells one password from the next.
///
/// # Errors
/// When the database fails.
pub async fn salt(connection: &mut impl Connection, id: AccountId) -> Result<Option<Vec<u8>>, DatabaseError> {
    Ok(store::credentials(connection, id).await?.and_then(|found| found.salt))
}

/// Whether an account's password has four digits: then nothing rests under it, and whoever has it holds no share of others' keys. One that was set
/// before this was noted is known from its next log-in on.
///
/// # Errors
/// When the database fails.
pub async fn has_four_digits(connection: &mut impl Connection, id: AccountId) -> Result<bool, DatabaseError> {
    Ok(store::strength(connection, id).await? == Some(Strength::FourDigits))
}

/// The accounts of all operators who are not blocked, oldest first.
///
/// # Errors
/// When the database fails.
pub async fn operators(connection: &mut impl Connection) -> Result<Vec<Account>, DatabaseError> {
    store::operators(connection).await
}

/// An activation by the hash of its link's token, usable or not.
///
/// # Errors
/// When the database fails.
pub async fn activation(connection: &mut impl Connection, link_hash: &[u8]) -> Result<Option<Activation>, DatabaseError> {
    store::activation_by_link(connection, link_hash).await
}

/// An activation by the token of its link, usable or not.
///
/// # Errors
/// When the database fails.
pub async fn activation_by_link(connection: &mut impl Connection, link_token: &str) -> Result<Option<Activation>, AccountError> {
    Ok(store::activation_by_link(connection, &secret::token_hash(link_token)).await?)
}
