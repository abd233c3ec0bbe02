//! A lost card is blocked at once by whoever tells its number and its owner's user id: nobody can log in by a card that is lost.
//!
//! The answer is the same whether or not there is such a card, and its owner is told by mail. A card's number is one of 26 thousand million, and
//! a network has ten tries an hour: a stranger who wants to block a card by guessing needs a billion years.

use keycard::{CardNumber, CardNumberError};

use super::{
    KeycardError,
    issue::subject,
    jobs::{TELL_BLOCKED, TellBlocked},
    model::{LOST_TRIES, LOST_TRIES_IN},
    store,
};
use crate::{
    accounts, audit,
    platform::{actor::Author, database::Unit, fault::FieldFault, queue},
};

/// No user id is longer.
const USER_ID_CHARACTERS: usize = 48;

/// The number as typed.
///
/// # Errors
/// [`KeycardError::Invalid`] for what is no card number, whoever's.
pub fn card_number(typed: &str) -> Result<CardNumber, KeycardError> {
    CardNumber::parse(typed.trim()).map_err(|fault| {
        let rule = match fault {
            CardNumberError::DigitCount { .. } => "field_card_digits",
            CardNumberError::ForeignSign => "field_card_sign",
            CardNumberError::NoLetter => "field_card_letter",
        };
        KeycardError::Invalid(vec![FieldFault::new("number", rule)])
    })
}

/// Blocks the card of this number if it is this person's, and tells nobody but the person.
///
/// # Errors
/// [`KeycardError::TooOften`] for a network that tried ten times within the hour.
pub async fn block_lost(unit: &mut Unit, user_id: &str, number: &CardNumber, network: &str) -> Result<(), KeycardError> {
    let now = unit.now();
    let (tries, began_at) = store::count_lost_try(unit, network, now.plus(-LOST_TRIES_IN)).await?;
    if tries > LOST_TRIES {
        return Err(KeycardError::TooOften { until: began_at.plus(LOST_TRIES_IN) });
    }
    let user_id: String = user_id.chars().take(USER_ID_CHARACTERS + 1).collect();
    let owner = accounts::read::by_user_id(unit, &user_id).await?;
    let found = store::card_of_number(unit, &number.to_string()).await?;
    let Some((account, card)) = owner.zip(found).filter(|(owner, card)| card.account == *owner) else { return Ok(()) };
    if store::block(unit, card.id).await? {
        let event = audit::Event::new("keycard.blocked", Author::Anyone, subject(card.id)).fact("account", account);
        audit::record(unit, event.fact("how", "lost").personal("network", network)).await?;
        queue::enqueue(unit, TELL_BLOCKED, &TellBlocked { account, number: card.number }, now).await?;
    }
    Ok(())
}
