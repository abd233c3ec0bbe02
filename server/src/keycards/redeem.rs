//! Redeems a right key for a consent: one guarded change, so the same key sent fifty times at once wins once, also when it answers two questions.
//!
//! Rows are taken in the order key, card, questions, as those who count wrong keys and who ask take them: nobody waits in a ring.

use super::{Judged, KeycardError, issue::subject, jobs, judge::Verdict, model::ORDER_AT, store, switch::take_into_use};
use crate::{
    audit,
    platform::{
        actor::Author,
        consent::{Consent, Purpose},
        database::Unit,
        id::AccountId,
    },
};

/// Turns a right key into the person's consent, once.
///
/// # Errors
/// [`KeycardError::NotRight`] for a wrong key (already counted); [`KeycardError::Gone`] when the question is answered, replaced, too
/// old, burnt, or was about something else.
pub async fn redeem(
    unit: &mut Unit,
    account: AccountId,
    judged: &Judged,
    purpose: Purpose,
    binding: [u8; 32],
) -> Result<Consent, KeycardError> {
    let (card, key_number) = match &judged.verdict {
        Verdict::Gone => return Err(KeycardError::Gone),
        Verdict::Right { card, key_number } => (*card, key_number),
        Verdict::Wrong => return Err(KeycardError::NotRight),
    };
    if !store::use_key(unit, card, key_number).await? {
        return Err(KeycardError::Gone);
    }
    let taken = store::take_key(unit, card).await?.ok_or(KeycardError::Gone)?;
    if !store::answer_challenge(unit, judged.challenge, account, purpose, &binding).await? {
        return Err(KeycardError::Gone);
    }
    store::close_questions_about(unit, card, key_number).await?;
    if taken.first_used_at == unit.now() {
        take_into_use(unit, account, card).await?;
    }
    // Burnt numbers may have skipped the very count; the job issues one card however often it runs.
    if taken.keys_left <= taken.order_at.unwrap_or(ORDER_AT) {
        jobs::renew(unit, account).await?;
    }
    let event = audit::Event::new("keycard.key_used", Author::Account(account), subject(card))
        .fact("key_number", key_number)
        .fact("purpose", purpose.word())
        .fact("keys_left", taken.keys_left);
    audit::record(unit, event).await?;
    Ok(Consent::redeemed(purpose, account, binding))
}
