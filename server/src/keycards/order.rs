//! Orders a further card, and tells where its sheet can be fetched.

use sha2::{Digest as _, Sha256};

use super::{
    Keycard, KeycardError, NewCard,
    issue::store,
    jobs::{TELL_ORDERED, TellOrdered},
    model::MOST_CARDS,
    store as rows,
};
use crate::platform::{
    actor::Actor,
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

/// Writes a further card, and has its owner told at once: at most three can be asked for at a time.
///
/// # Errors
/// [`KeycardError::TooManyCards`].
pub async fn order(unit: &mut Unit, card: &NewCard, actor: &Actor) -> Result<KeycardId, KeycardError> {
    let _taken = rows::lock_oldest_usable(unit, card.account).await?;
    let usable = rows::cards_of(unit, card.account).await?.iter().filter(|card| Keycard::is_active(card)).count();
    if usable >= MOST_CARDS {
        return Err(KeycardError::TooManyCards { most: MOST_CARDS });
    }
    let id = store(unit, card, actor.author()).await?;
    if let Some(session) = actor.session {
        rows::note_ordered(unit, id, session).await?;
    }
    let (told, now) = (TellOrdered { account: card.account, number: card.number.clone() }, unit.now());
    queue::enqueue(unit, TELL_ORDERED, &told, now).await?;
    Ok(id)
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
