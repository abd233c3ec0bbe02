//! Asks for a key before the password is looked at, where strangers have tried too many passwords: anybody may see the question, so it tells nothing.
//!
//! Of the card only two digits are shown: whoever knows a whole number can block the card. The number is none that a log-in asks for, and it stays the same
//! until it is answered; for a user id that is nobody's, or a person without a card, card and number are made up, and always the same. A wrong key counts
//! against nothing here, neither the number nor the card: a stranger would put the card in quarantine. The caller counts it by network, as a wrong
//! password; and a right key opens no more than the way to the password, after which card or phone are asked as always.

use keycard::{Card, CardSecret};

use super::{KeycardError, issue::open, issue::subject, jobs, model::ORDER_AT, store, switch::take_into_use};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, Id as _, KeycardId},
    },
};

/// What chooses the number; and what makes up card and number where there is none.
const FIRST: &str = "keycards/first/v1";

/// What anybody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstQuestion {
    /// The last two digits at the top of the card.
    pub card_ending: String,
    /// Which number on it, four digits.
    pub key_number: String,
}

/// A right key, not used yet.
#[derive(Debug)]
pub struct FirstKey {
    card: KeycardId,
    key_number: String,
}

/// The question for this account, whether or not it is anybody's.
///
/// # Errors
/// When keystore or database fail.
pub async fn ask_first(ground: &Ground, account: AccountId) -> Result<FirstQuestion, KeycardError> {
    Ok(chosen(ground, account).await?.0)
}

async fn chosen(ground: &Ground, account: AccountId) -> Result<(FirstQuestion, Option<store::SealedCard>), KeycardError> {
    let mut reader = ground.database.read().await?;
    let card = store::usable(&mut reader, account).await?;
    let about = card.as_ref().map_or_else(|| account.to_string(), |card| card.id.to_string());
    // Asked where there is no card too: a question costs the same for everybody.
    let whose = card.as_ref().map_or_else(|| KeycardId::from_uuid(uuid::Uuid::nil()), |card| card.id);
    let spent = store::spent_keys(&mut reader, whose).await?;
    drop(reader);
    let mac = ground.with_keystore(move |keystore| keystore.hmac(FIRST, about.as_bytes())).await?;
    let drawn = mac.iter().take(6).fold(0_usize, |all, byte| all * 256 + usize::from(*byte));
    if let Some(card) = card {
        let all: Vec<&str> = (0..card.key_numbers.len() / 4).filter_map(|index| card.key_numbers.get(index * 4..index * 4 + 4)).collect();
        let from = drawn % all.len().max(1);
        let fresh = all.iter().cycle().skip(from).take(all.len()).find(|number| !spent.iter().any(|known| known == *number));
        if let Some(number) = fresh {
            let ending = card.number.len().saturating_sub(2);
            let question = FirstQuestion { card_ending: card.number.split_at(ending).1.to_owned(), key_number: (*number).to_owned() };
            return Ok((question, Some(card)));
        }
    }
    let question = FirstQuestion { card_ending: format!("{:02}", drawn / 10_000 % 100), key_number: format!("{:04}", drawn % 10_000) };
    Ok((question, None))
}

/// Compares a typed key with the one that is asked for. Outside any unit; counts nothing.
///
/// # Errors
/// When keystore or database fail.
pub async fn judge_first(ground: &Ground, account: AccountId, typed: &str) -> Result<Option<FirstKey>, KeycardError> {
    let (question, card) = chosen(ground, account).await?;
    let Some(card) = card else {
        // As much work as a card that there is: sealing costs what opening does.
        let sealed = ground.with_keystore(|keystore| keystore.wrap(&[0; 32], FIRST.as_bytes())).await?;
        std::hint::black_box(sealed);
        let number = keycard::KeyNumber::parse(&question.key_number).ok();
        let card = Card::from_secret(&CardSecret::new([0; 32]));
        std::hint::black_box(number.and_then(|number| card.key_for(number)).is_some_and(|key| key.matches(typed)));
        return Ok(None);
    };
    let (id, opened) = (card.id, open(ground, card.id, card.sealed).await?);
    let number = keycard::KeyNumber::parse(&question.key_number).ok();
    let right = number.and_then(|number| opened.key_for(number)).is_some_and(|key| key.matches(typed));
    Ok(right.then_some(FirstKey { card: id, key_number: question.key_number }))
}

/// Uses a right key up, once. Whether it could still be used.
///
/// # Errors
/// When the database fails.
pub async fn redeem_first(unit: &mut Unit, account: AccountId, key: &FirstKey) -> Result<bool, KeycardError> {
    if !store::use_unasked_key(unit, key.card, &key.key_number).await? {
        return Ok(false);
    }
    let Some(taken) = store::take_key(unit, key.card).await? else { return Ok(false) };
    if taken.first_used_at == unit.now() {
        take_into_use(unit, account, key.card).await?;
    }
    if taken.keys_left <= taken.order_at.unwrap_or(ORDER_AT) {
        jobs::renew(unit, account).await?;
    }
    let event = audit::Event::new("keycard.key_used", Author::Account(account), subject(key.card))
        .fact("key_number", &key.key_number)
        .fact("purpose", "before_password")
        .fact("keys_left", taken.keys_left);
    audit::record(unit, event).await?;
    Ok(true)
}
