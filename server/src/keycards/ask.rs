//! Asks for a key: the service chooses the number, and keeps to it until it is answered or burnt. The person may answer from another card that lies ready,
//! of which again one number is asked until it is answered: nobody fishes for a number by changing cards.

use super::{
    KeycardError, Question,
    model::QUESTION_LIVES,
    store::{self, Challenge, UsableCard},
};
use crate::platform::{
    consent::Purpose,
    database::Unit,
    id::{AccountId, KeycardId},
    random,
};

/// Asks the person for a key of the card in use, or else of the oldest. An earlier question for the same purpose is replaced. `binding` is what the
/// answer will be a yes to.
///
/// # Errors
/// [`KeycardError::NoCard`].
pub async fn ask(unit: &mut Unit, account: AccountId, purpose: Purpose, binding: [u8; 32]) -> Result<Question, KeycardError> {
    let card = store::lock_usable(unit, account).await?.ok_or(KeycardError::NoCard)?;
    ask_about(unit, account, card, (purpose, binding)).await
}

/// As [`ask`], for a key of this card: the person has a new one at hand.
///
/// # Errors
/// [`KeycardError::NotFound`] when it is somebody else's, or not usable.
pub async fn ask_of(
    unit: &mut Unit,
    account: AccountId,
    card: KeycardId,
    purpose: Purpose,
    binding: [u8; 32],
) -> Result<Question, KeycardError> {
    let card = store::lock_card(unit, account, card).await?.ok_or(KeycardError::NotFound)?;
    ask_about(unit, account, card, (purpose, binding)).await
}

async fn ask_about(
    unit: &mut Unit,
    account: AccountId,
    card: UsableCard,
    (purpose, binding): (Purpose, [u8; 32]),
) -> Result<Question, KeycardError> {
    let key_number = match store::asked_key(unit, card.id).await? {
        Some(waiting) => waiting,
        None => {
            let spent = store::spent_keys(unit, card.id).await?;
            let chosen = choose(unit, &card.key_numbers, &spent).ok_or(KeycardError::NoCard)?;
            store::insert_key(unit, card.id, &chosen).await?;
            chosen
        }
    };
    store::replace_open(unit, account, purpose).await?;
    let challenge = Challenge {
        id: unit.id(),
        account_id: account,
        card_id: card.id,
        key_number,
        purpose: purpose.word().to_owned(),
        binding: binding.to_vec(),
        expires_at: unit.now().plus(QUESTION_LIVES),
    };
    store::insert_challenge(unit, &challenge).await?;
    Ok(Question { challenge: challenge.id, card_number: card.number, key_number: challenge.key_number, expires_at: challenge.expires_at })
}

/// One of the card's numbers that was never asked for, each equally likely.
fn choose(unit: &Unit, all: &str, spent: &[String]) -> Option<String> {
    let fresh: Vec<&str> = numbers(all).filter(|number| !spent.iter().any(|known| known == number)).collect();
    let index = random::below(unit.random(), u64::try_from(fresh.len()).ok()?);
    fresh.get(usize::try_from(index).ok()?).map(|number| (*number).to_owned())
}

/// The four-digit numbers of a row's text.
fn numbers(all: &str) -> impl Iterator<Item = &str> {
    (0..all.len() / 4).filter_map(move |index| all.get(index * 4..index * 4 + 4))
}
