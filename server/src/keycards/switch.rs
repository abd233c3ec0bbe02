//! A new card is taken into use: with its first key the former one dies, and every question that stands open on it.
//!
//! The *card in use* is the one whose keys are asked for: the one of which a key was used, or else the oldest. Whoever answers from another takes that
//! one into use. Extra cards that lie ready stay what they are, so of three printed for a journey any may be the first.

use super::{
    KeycardError,
    issue::subject,
    jobs::{TELL_REPLACED, TellReplaced},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::Unit,
        id::{AccountId, KeycardId},
        queue,
    },
};

/// Ends the former card, in the unit that used the first key of this one. Two first keys at once come one after the other: the cards' owner is held.
pub(super) async fn take_into_use(unit: &mut Unit, account: AccountId, card: KeycardId) -> Result<(), KeycardError> {
    store::lock_owner(unit, account).await?;
    let mut former = store::replace_used(unit, account, card).await?;
    if former.is_empty() {
        former = store::replace_unused(unit, account, card).await?;
    }
    let Some(number) = store::card(unit, card).await?.map(|found| found.number) else { return Err(KeycardError::NotFound) };
    for ended in former {
        store::close_questions_of(unit, ended.id).await?;
        let event = audit::Event::new("keycard.replaced", Author::Account(account), subject(ended.id)).fact("by", card);
        audit::record(unit, event).await?;
        let told = TellReplaced { account, former: ended.number, number: number.clone() };
        queue::enqueue(unit, TELL_REPLACED, &told, unit.now()).await?;
    }
    Ok(())
}
