//! "I have a new card": the question of a log-in or proof is put to another card of the person's, which is taken into use if its key is right.
//!
//! Only after a right password: whoever has none learns no card's number. Each card keeps to the number that it asked for, and counts its own wrong keys.

use super::{LoginError, answer::waiting, model::Login, store};
use crate::{
    audit,
    keycards::{self, Keycard, KeycardError, Question},
    platform::{
        actor::Author,
        consent::Purpose,
        ground::Ground,
        id::{ChallengeId, KeycardId},
    },
};

/// Which card the person has at hand.
#[derive(Clone, Copy)]
pub enum Chosen<'a> {
    /// By its id, as a page offers it.
    Id(KeycardId),
    /// By the number at its top.
    Number(&'a str),
}

/// The person's cards that lie ready, and are not the one that is asked.
///
/// # Errors
/// [`LoginError::Gone`].
pub(super) async fn ready_cards(ground: &Ground, login_token: &str, asked: ChallengeId) -> Result<Vec<Keycard>, LoginError> {
    let login = waiting(ground, login_token).await?;
    let mut reader = ground.database.read().await?;
    let asked = keycards::read::question(&mut reader, asked, ground.clock().now()).await?.map(|question| question.card_number);
    let cards = keycards::read::of_account(&mut reader, login.account).await?;
    Ok(cards.into_iter().filter(|card| card.is_active() && Some(&card.number) != asked.as_ref()).collect())
}

/// Asks for a key of the chosen card, in place of what was asked before.
///
/// # Errors
/// [`LoginError::Gone`]; [`KeycardError::NotFound`] for a card that is not the person's, or not usable; [`KeycardError::Invalid`] for no card number.
pub async fn switch_card(ground: &Ground, login_token: &str, chosen: Chosen<'_>) -> Result<Question, LoginError> {
    let login = waiting(ground, login_token).await?;
    let mut reader = ground.database.read().await?;
    let cards = keycards::read::of_account(&mut reader, login.account).await?;
    drop(reader);
    let card = match chosen {
        Chosen::Id(id) => id,
        Chosen::Number(typed) => {
            let number = keycards::card_number("card_number", typed)?.to_string();
            cards.iter().find(|card| card.number == number).map(|card| card.id).ok_or(KeycardError::NotFound)?
        }
    };
    let purpose = if login.session.is_some() { Purpose::StepUp } else { Purpose::LogIn };
    let asked = ground
        .database
        .write(async |unit| {
            let question = keycards::ask_of(unit, login.account, card, purpose, Login::binding(login.id, login.session)).await?;
            if !store::change_challenge(unit, login.id, question.challenge).await? {
                return Err(LoginError::Gone);
            }
            let event = audit::Event::new("login.card_switched", Author::Anyone, format!("account:{}", login.account));
            audit::record(unit, event.fact("card", card).fact("key_number", &question.key_number)).await?;
            Ok(question)
        })
        .await?;
    Ok(asked)
}
