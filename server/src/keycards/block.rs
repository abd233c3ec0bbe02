//! Blocks cards: at once, for good.

use super::{KeycardError, issue::subject, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        id::{AccountId, KeycardId},
    },
};

/// Blocks one card of a person. Blocking it again is no error.
///
/// # Errors
/// [`KeycardError::NotFound`] when it is somebody else's.
pub async fn block(unit: &mut Unit, account: AccountId, card: KeycardId, author: Author) -> Result<(), KeycardError> {
    if store::card(unit, card).await?.is_none_or(|found| found.account != account) {
        return Err(KeycardError::NotFound);
    }
    if store::block(unit, card).await? {
        audit::record(unit, audit::Event::new("keycard.blocked", author, subject(card)).fact("account", account)).await?;
    }
    Ok(())
}

/// Blocks every card of a person: one who left, say. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn block_all(unit: &mut Unit, account: AccountId, author: Author) -> Result<usize, KeycardError> {
    store::lock_owner(unit, account).await?;
    let blocked = store::block_all(unit, account).await?;
    for card in &blocked {
        audit::record(unit, audit::Event::new("keycard.blocked", author, subject(*card)).fact("account", account)).await?;
    }
    Ok(blocked.len())
}
