//! Blocks what a person logs in with, when a caller has told the help desk of a lost card or phone. The account stays: the administrator orders another card.

use super::{LoginError, Refusal, end_all, store};
use crate::{
    accounts::{self, AccountKind},
    audit,
    keycards::{
        self, Keycard,
        jobs::{TELL_BLOCKED, TellBlocked},
    },
    phones::{self, Certificates, Which},
    platform::{actor::Author, ground::Ground, queue},
    tokens,
};

/// What ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Blocked {
    /// Key cards.
    pub cards: usize,
    /// Phones.
    pub phones: usize,
}

/// Blocks cards, phones and code tokens, ends sessions and API keys, forgets known devices; the person is told by mail. Nothing is unlocked by it, ever.
/// Not of an operator: nobody could order a card for the last one, so one help desk would shut all out.
///
/// # Errors
/// [`LoginError::NotFound`] for a refusal of nobody, and of an operator.
pub async fn block_person(ground: &Ground, refusal: &Refusal, author: Author) -> Result<Blocked, LoginError> {
    let account = refusal.account.ok_or(LoginError::NotFound)?;
    let kind = accounts::read::account(&mut ground.database.read().await?, account).await?.map(|found| found.kind);
    if kind != Some(AccountKind::Employee) {
        return Err(LoginError::NotFound);
    }
    let phones = phones::block_at_request(ground, account, Which::All, Certificates::GoOn, author).await?;
    let cards = ground.database.write(async |unit| {
        let now = unit.now();
        for card in keycards::read::of_account(unit, account).await?.into_iter().filter(Keycard::is_active) {
            queue::enqueue(unit, TELL_BLOCKED, &TellBlocked { account, number: card.number }, now).await?;
        }
        let cards = keycards::block_all(unit, account, author).await?;
        let code_tokens = tokens::block_all(unit, account, author).await?;
        let api_keys = store::end_api_tokens(unit, account).await?;
        end_all(unit, account).await?;
        accounts::forget_devices(unit, account, author).await?;
        let event = audit::Event::new("account.logins_blocked", author, format!("account:{account}"))
            .fact("refusal", &refusal.reference)
            .fact("code_tokens", code_tokens)
            .fact("api_keys", api_keys);
        audit::record(unit, event).await?;
        Ok::<_, LoginError>(cards)
    });
    Ok(Blocked { cards: cards.await?, phones })
}
