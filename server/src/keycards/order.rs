//! Orders a further card, and tells where its sheet can be fetched.

use super::{Keycard, KeycardError, NewCard, issue::store, model::MOST_CARDS, store as rows};
use crate::platform::{actor::Actor, database::Unit, id::KeycardId, moment::Moment};

/// Refuses an order without a fresh proof.
///
/// # Errors
/// [`KeycardError::ProveAgain`].
pub fn may_order(actor: &Actor, now: Moment) -> Result<(), KeycardError> {
    if actor.has_proven(now) { Ok(()) } else { Err(KeycardError::ProveAgain) }
}

/// Writes a further card: at most three can be asked for at a time.
///
/// # Errors
/// [`KeycardError::TooManyCards`].
pub async fn order(unit: &mut Unit, card: &NewCard, actor: &Actor) -> Result<KeycardId, KeycardError> {
    let _taken = rows::lock_oldest_usable(unit, card.account).await?;
    let usable = rows::cards_of(unit, card.account).await?.iter().filter(|card| Keycard::is_active(card)).count();
    if usable >= MOST_CARDS {
        return Err(KeycardError::TooManyCards { most: MOST_CARDS });
    }
    store(unit, card, actor.author()).await
}
