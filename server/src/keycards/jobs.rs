//! A new card in good time.

use super::{KeycardError, NewCard, issue::store, store as rows};
use crate::platform::{
    actor::Author,
    database::{DatabaseError, Unit},
    ground::Ground,
    id::{AccountId, KeycardId},
    queue,
};

/// Issues a new card. Run by `logins`, which knows where the person is told things.
pub const RENEW: queue::Kind = queue::Kind("keycards.renew");

/// Whose card.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Renew {
    /// The account.
    pub account: AccountId,
    /// Whether the card itself goes by letter: its owner has no other card to log in with, and cannot fetch it.
    #[serde(default)]
    pub by_letter: bool,
}

/// Tells a person that one more card was ordered. Run by `logins` too.
pub const TELL_ORDERED: queue::Kind = queue::Kind("keycards.tell_ordered");

/// Whose card, and its number.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellOrdered {
    /// The account.
    pub account: AccountId,
    /// The number at the card's top.
    pub number: String,
}

/// Tells a person that a card was blocked by somebody who was not logged in. Run by `logins` too.
pub const TELL_BLOCKED: queue::Kind = queue::Kind("keycards.tell_blocked");

/// Whose card, and its number.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellBlocked {
    /// The account.
    pub account: AccountId,
    /// The number at the card's top.
    pub number: String,
}

/// Tells a person that too many wrong keys of a card were typed after the right password. Run by `logins` too.
pub const TELL_QUARANTINED: queue::Kind = queue::Kind("keycards.tell_quarantined");

/// Whose card, and its number.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellQuarantined {
    /// The account.
    pub account: AccountId,
    /// The number at the card's top.
    pub number: String,
}

/// Tells a person that a new card was taken into use and the former one is dead. Run by `logins` too.
pub const TELL_REPLACED: queue::Kind = queue::Kind("keycards.tell_replaced");

/// Whose cards, and their numbers.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellReplaced {
    /// The account.
    pub account: AccountId,
    /// The number of the card that is dead.
    pub former: String,
    /// The number of the card in use.
    pub number: String,
}

pub(super) async fn renew(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, RENEW, &Renew { account, by_letter: false }, now).await.map(drop)
}

/// A new card, by letter, for somebody whose former one is dead.
///
/// # Errors
/// When the database fails.
pub async fn renew_by_letter(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    let now = unit.now();
    queue::enqueue(unit, RENEW, &Renew { account, by_letter: true }, now).await.map(drop)
}

/// Writes the new card, unless the person has one with more keys left than when the next is wanted: running the job twice issues one.
///
/// # Errors
/// When the database fails.
pub async fn store_renewal(unit: &mut Unit, card: &NewCard) -> Result<Option<KeycardId>, KeycardError> {
    rows::lock_owner(unit, card.account).await?;
    let order_at = rows::preferences(unit, card.account).await?.unwrap_or_default().order_at;
    let cards = rows::cards_of(unit, card.account).await?;
    if cards.iter().any(|card| card.is_active() && card.keys_left > order_at) {
        return Ok(None);
    }
    store(unit, card, Author::System("keycards")).await.map(Some)
}

/// Forgets questions that nobody can answer any more, and tries that no longer count. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_old_questions(ground: &Ground) -> Result<u64, DatabaseError> {
    let day = time::Duration::days(1);
    let tries = ground.database.in_batches::<DatabaseError, _>(async |unit| rows::forget_lost_tries(unit, unit.now().plus(-day)).await);
    let questions =
        ground.database.in_batches::<DatabaseError, _>(async |unit| rows::forget_old_questions(unit, unit.now().plus(-day)).await);
    Ok(tries.await? + questions.await?)
}
