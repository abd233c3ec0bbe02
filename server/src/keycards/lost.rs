//! A lost card is blocked at once by whoever tells its number and its owner's user id: nobody can log in by a card that is lost.
//!
//! The answer is the same whether or not there is such a card, and its owner is told by mail. Who knows both can block, and nothing else: the number
//! stands on the card, in the mails about it, and on the page that asks for a key, after the right password. A letter and nine digits are one of 26 thousand
//! million; of a person for whom strangers have typed many wrong passwords anybody may see the last two digits ([`super::ask_first`]), and one of 260 million
//! is left to guess: ten an hour for a network and a user id, a hundred for a network.

use keycard::{CardNumber, CardNumberError};
use sha2::{Digest as _, Sha256};

use super::{
    KeycardError,
    issue::subject,
    jobs::{TELL_BLOCKED, TellBlocked},
    model::{LOST_TRIES, LOST_TRIES_IN, LOST_TRIES_OF_NETWORK},
    store,
};
use crate::{
    accounts, audit,
    platform::{actor::Author, database::Unit, fault::FieldFault, moment::Moment, queue},
};

/// No user id is longer.
const USER_ID_CHARACTERS: usize = 48;

/// The number as typed into a field.
///
/// # Errors
/// [`KeycardError::Invalid`] for what is no card number, whoever's.
pub fn card_number(field: &'static str, typed: &str) -> Result<CardNumber, KeycardError> {
    CardNumber::parse(typed.trim()).map_err(|fault| {
        let rule = match fault {
            CardNumberError::DigitCount { .. } => "field_card_digits",
            CardNumberError::ForeignSign => "field_card_sign",
            CardNumberError::NoLetter => "field_card_letter",
        };
        KeycardError::Invalid(vec![FieldFault::new(field, rule)])
    })
}

/// Blocks the card of this number if it is this person's, and tells nobody but the person. Gives until when a network that tried too often waits; that
/// it did is counted and written down, so it is no error of the unit.
///
/// # Errors
/// When the database fails.
pub async fn block_lost(unit: &mut Unit, user_id: &str, number: &CardNumber, network: &str) -> Result<Option<Moment>, KeycardError> {
    let user_id: String = user_id.chars().take(USER_ID_CHARACTERS + 1).collect();
    if let Some(until) = refused(unit, &user_id, network).await? {
        return Ok(Some(until));
    }
    let owner = accounts::read::by_user_id(unit, &user_id).await?;
    let found = store::card_of_number(unit, &number.to_string()).await?;
    let Some((account, card)) = owner.zip(found).filter(|(owner, card)| card.account == *owner) else { return Ok(None) };
    if store::block(unit, card.id).await? {
        let event = audit::Event::new("keycard.blocked", Author::Anyone, subject(card.id)).fact("account", account);
        audit::record(unit, event.fact("how", "lost").personal("network", network)).await?;
        let now = unit.now();
        queue::enqueue(unit, TELL_BLOCKED, &TellBlocked { account, number: card.number }, now).await?;
    }
    Ok(None)
}

/// Counts a try for the network with this user id, and for the network with whatever user id.
async fn refused(unit: &mut Unit, user_id: &str, network: &str) -> Result<Option<Moment>, KeycardError> {
    let since = unit.now().plus(-LOST_TRIES_IN);
    let folded = Sha256::digest(user_id.trim().to_ascii_lowercase());
    let about = format!("{network} {}", hex::encode(&folded[..8]));
    for (whose, most) in [(about.as_str(), LOST_TRIES), (network, LOST_TRIES_OF_NETWORK)] {
        let (tries, began_at) = store::count_lost_try(unit, whose, since).await?;
        if tries == most + 1 {
            let event = audit::Event::new("keycard.lost_refused", Author::Anyone, "keycards").personal("network", network);
            audit::record(unit, event).await?;
        }
        if tries > most {
            return Ok(Some(began_at.plus(LOST_TRIES_IN)));
        }
    }
    Ok(None)
}
