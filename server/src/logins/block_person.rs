//! Blocks what a person logs in with, when a caller has told the help desk of a lost card or phone. The account stays: the administrator orders another card.

use super::{LoginError, Refusal, end_all};
use crate::{
    accounts,
    keycards::{
        self, Keycard,
        jobs::{TELL_BLOCKED, TellBlocked},
    },
    phones::{self, Certificates, Which},
    platform::{actor::Author, ground::Ground, queue},
};

/// What ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Blocked {
    /// Key cards.
    pub cards: usize,
    /// Phones.
    pub phones: usize,
}

/// Blocks cards and phones, ends sessions, forgets known devices; the person is told by mail. Nothing is unlocked by it, ever.
///
/// # Errors
/// [`LoginError::NotFound`] for a refusal of nobody.
pub async fn block_person(ground: &Ground, refusal: &Refusal, author: Author) -> Result<Blocked, LoginError> {
    let account = refusal.account.ok_or(LoginError::NotFound)?;
    let phones = phones::block_at_request(ground, account, Which::All, Certificates::GoOn, author).await?;
    let cards = ground.database.write(async |unit| {
        let now = unit.now();
        for card in keycards::read::of_account(unit, account).await?.into_iter().filter(Keycard::is_active) {
            queue::enqueue(unit, TELL_BLOCKED, &TellBlocked { account, number: card.number }, now).await?;
        }
        let cards = keycards::block_all(unit, account, author).await?;
        end_all(unit, account).await?;
        accounts::forget_devices(unit, account, author).await?;
        Ok::<_, LoginError>(cards)
    });
    Ok(Blocked { cards: cards.await?, phones })
}
