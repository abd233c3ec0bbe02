//! Issues cards: the secret is drawn and sealed outside the unit, the row is written inside.

use keycard::{Card, CardSecret, Key, KeyNumber};
use zeroize::Zeroizing;

use super::{KeycardError, store as rows};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{AccountId, Id as _, KeycardId},
        random,
    },
};

/// A card that is drawn and sealed, not yet in the database.
pub struct NewCard {
    /// Its id.
    pub id: KeycardId,
    /// Whose.
    pub account: AccountId,
    /// The number at its top.
    pub number: String,
    pub(super) key_numbers: String,
    pub(super) sealed: Vec<u8>,
    pairs: Zeroizing<String>,
}

impl NewCard {
    /// The pairs in lines of three, set apart as codes are in letters: for the one letter that carries the card.
    pub fn pairs(&self) -> &str {
        &self.pairs
    }
}

/// Draws a card and seals its secret. Outside any unit.
///
/// # Errors
/// When the keystore fails.
pub async fn issue(ground: &Ground, account: AccountId) -> Result<NewCard, KeycardError> {
    let id = KeycardId::fresh(ground.clock().now(), ground.random());
    let secret = CardSecret::new(random::bytes::<32>(ground.random()));
    let card = Card::from_secret(&secret);
    let key_numbers = card.pairs().iter().map(|pair| pair.number.to_string()).collect();
    let pairs = lines(&card);
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(secret.expose(), &context(id))).await?;
    Ok(NewCard { id, account, number: card.number().to_string(), key_numbers, sealed, pairs })
}

fn lines(card: &Card) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(4096));
    for row in card.pairs().chunks(3) {
        text.push_str("   ");
        for pair in row {
            text.push_str(&format!(" {}: {}  ", pair.number, pair.key.expose_grouped().as_str()));
        }
        text.push('\n');
    }
    text
}

/// Writes the card. The person can be asked for its keys from now on.
///
/// # Errors
/// When the database fails.
pub async fn store(unit: &mut Unit, card: &NewCard, author: Author) -> Result<KeycardId, KeycardError> {
    rows::insert(unit, card).await?;
    let event =
        audit::Event::new("keycard.issued", author, subject(card.id)).fact("account", card.account).personal("number", &card.number);
    audit::record(unit, event).await?;
    Ok(card.id)
}

/// What the sealed secret is bound to.
pub(super) fn context(card: KeycardId) -> Vec<u8> {
    format!("keycards/secret/v1|{card}").into_bytes()
}

pub(super) fn subject(card: KeycardId) -> String {
    format!("keycard:{card}")
}

/// Opens a card.
pub(super) async fn open(ground: &Ground, id: KeycardId, sealed: Vec<u8>) -> Result<Card, KeycardError> {
    Ok(Card::from_secret(&unsealed(ground, id, sealed).await?))
}

/// Opens a card for one of its keys; none when the number is not on it.
pub(super) async fn open_key(ground: &Ground, id: KeycardId, sealed: Vec<u8>, number: &str) -> Result<Option<Key>, KeycardError> {
    let secret = unsealed(ground, id, sealed).await?;
    Ok(KeyNumber::parse(number).ok().and_then(|number| Card::key_of(&secret, number)))
}

async fn unsealed(ground: &Ground, id: KeycardId, sealed: Vec<u8>) -> Result<CardSecret, KeycardError> {
    let secret = ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &context(id))).await?;
    let bytes = <[u8; 32]>::try_from(secret.as_slice()).map_err(|_| KeycardError::Secret)?;
    Ok(CardSecret::new(bytes))
}
