//! Questions about tokens.

use super::{CodeToken, Standing, model::serial, store};
use crate::platform::{
    cursor::{Cursor, Listing},
    database::{Connection, DatabaseError},
    id::{AccountId, CodeTokenId},
    limits,
    moment::Moment,
    text,
};

/// What a person has, the newest first: at most a few.
///
/// # Errors
/// When the database fails.
pub async fn held(connection: &mut impl Connection, account: AccountId) -> Result<Vec<CodeToken>, DatabaseError> {
    store::held(connection, account).await
}

/// Whether a person has a token whose codes are taken.
///
/// # Errors
/// When the database fails.
pub async fn serves(connection: &mut impl Connection, account: AccountId, now: Moment) -> Result<bool, DatabaseError> {
    Ok(store::held(connection, account).await?.iter().any(|token| token.standing(now) == Standing::Active))
}

/// One token.
///
/// # Errors
/// When the database fails.
pub async fn token(connection: &mut impl Connection, id: CodeTokenId) -> Result<Option<CodeToken>, DatabaseError> {
    store::token(connection, id).await
}

/// Tokens whose serial number begins so, by serial number.
///
/// # Errors
/// When the database fails.
pub async fn list(connection: &mut impl Connection, prefix: &str, after: &Cursor) -> Result<Listing<CodeToken>, DatabaseError> {
    // What is no serial number begins none.
    let Some(from) = (if prefix.trim().is_empty() { Some(String::new()) } else { serial(prefix) }) else {
        return Ok(Listing { items: Vec::new(), next: None });
    };
    let to = text::after_prefix(&from);
    let rows = store::list(connection, (&from, &to), &after.key, limits::PAGE_ROWS + 1).await?;
    Ok(Listing::cut(rows, |token| token.id))
}
