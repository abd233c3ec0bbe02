//! Orders a further card, and tells where its sheet can be fetched.

use sha2::{Digest as _, Sha256};

use super::{
    Keycard, KeycardError, NewCard, block_all,
    issue::store,
    jobs::{TELL_ORDERED, TellOrdered},
    model::{MOST_CARDS, MOST_CARDS_IN_PERSON},
    store as rows,
};
use crate::platform::{
    actor::{Actor, Author},
    consent::{Consent, Purpose},
    database::Unit,
    id::{AccountId, Id as _, KeycardId},
    moment::Moment,
    queue,
};

/// Refuses an order without a fresh proof.
///
/// # Errors
/// [`KeycardError::ProveAgain`].
pub fn may_order(actor: &Actor, now: Moment) -> Result<(), KeycardError> {
    if actor.has_proven(now) { Ok(()) } else { Err(KeycardError::ProveAgain) }
}

/// Writes a further card, and has its owner told at once: at most four can be asked for at a time.
///
/// # Errors
/// [`KeycardError::TooManyCards`].
pub async fn order(unit: &mut Unit, card: &NewCard, actor: &Actor) -> Result<KeycardId, KeycardError> {
    require_room(unit, card.account, MOST_CARDS).await?;
    let id = store(unit, card, actor.author()).await?;
    if let Some(session) = actor.session {
        rows::note_ordered(unit, id, session).await?;
    }
    let (told, now) = (TellOrdered { account: card.account, number: card.number.clone() }, unit.now());
    queue::enqueue(unit, TELL_ORDERED, &told, now).await?;
    Ok(id)
}

/// Refuses one card too many. Those who order for the same person at once do so one after the other.
async fn require_room(unit: &mut Unit, account: AccountId, most: usize) -> Result<(), KeycardError> {
    rows::lock_owner(unit, account).await?;
    let usable = rows::cards_of(unit, account).await?.iter().filter(|card| Keycard::is_active(card)).count();
    if usable >= most { Err(KeycardError::TooManyCards { most }) } else { Ok(()) }
}

/// Writes a card that somebody else orders for a person, who cannot when the only card is lost: then the others are blocked. How the person is told and
/// gets it is the caller's, who knows where.
///
/// # Errors
/// [`KeycardError::TooManyCards`].
pub async fn order_for(unit: &mut Unit, card: &NewCard, lost: bool, author: Author) -> Result<KeycardId, KeycardError> {
    rows::lock_owner(unit, card.account).await?;
    if lost {
        block_all(unit, card.account, author).await?;
    }
    require_room(unit, card.account, MOST_CARDS_IN_PERSON).await?;
    store(unit, card, author).await
}

/// What a yes to one more card is bound to.
pub fn order_binding(account: AccountId) -> [u8; 32] {
    Sha256::new_with_prefix("segl/order-card/v1").chain_update(account.uuid().as_bytes()).finalize().into()
}

/// Writes a further card that the person said yes to on the phone, in place of a fresh proof.
///
/// # Errors
/// [`KeycardError::ProveAgain`] when the yes is about something else; as [`order`].
pub async fn order_by(unit: &mut Unit, card: &NewCard, actor: &Actor, consent: &Consent) -> Result<KeycardId, KeycardError> {
    if !consent.covers(Purpose::OrderCard, actor.account, &order_binding(actor.account)) || card.account != actor.account {
        return Err(KeycardError::ProveAgain);
    }
    order(unit, card, actor).await
}
