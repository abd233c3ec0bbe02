//! Questions about cards.

use super::{Keycard, Preferences, Question, store};
use crate::platform::{
    database::{Connection, DatabaseError},
    id::{AccountId, ChallengeId, KeycardId},
    moment::Moment,
};

/// A person's cards, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_account(connection: &mut impl Connection, account: AccountId) -> Result<Vec<Keycard>, DatabaseError> {
    store::cards_of(connection, account).await
}

/// One card.
///
/// # Errors
/// When the database fails.
pub async fn card(connection: &mut impl Connection, id: KeycardId) -> Result<Option<Keycard>, DatabaseError> {
    store::card(connection, id).await
}

/// What a person wants of key cards.
///
/// # Errors
/// When the database fails.
pub async fn preferences(connection: &mut impl Connection, account: AccountId) -> Result<Preferences, DatabaseError> {
    Ok(store::preferences(connection, account).await?.unwrap_or_default())
}

/// A question that still waits for its answer.
///
/// # Errors
/// When the database fails.
pub async fn question(connection: &mut impl Connection, id: ChallengeId, now: Moment) -> Result<Option<Question>, DatabaseError> {
    let found = store::open_question(connection, id, now).await?;
    Ok(found.map(|found| Question { challenge: id, card_number: found.number, key_number: found.key_number, expires_at: found.expires_at }))
}

/// So few keys are few: the next card is ordered by itself at this number, unless the person says otherwise.
const FEW: i64 = 20;

/// Of these accounts, those whose working cards have few keys left, taken together.
///
/// # Errors
/// When the database fails.
pub async fn few_keys(connection: &mut impl Connection, accounts: &[AccountId]) -> Result<Vec<AccountId>, DatabaseError> {
    if accounts.is_empty() { Ok(Vec::new()) } else { store::few_keys_among(connection, accounts, FEW).await }
}
