//! Redeems a right key for a consent: one guarded change, so the same key sent fifty times at once wins once.

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
    match judged.verdict {
        Verdict::Gone => return Err(KeycardError::Gone),
        Verdict::Right => {}
        Verdict::Wrong => return Err(KeycardError::NotRight),
    }
    let answered = store::answer_challenge(unit, judged.challenge, account, purpose, &binding).await?.ok_or(KeycardError::Gone)?;
    if !store::use_key(unit, answered.card_id, &answered.key_number).await? {
        return Err(KeycardError::Gone);
    }
    let taken = store::take_key(unit, answered.card_id).await?.ok_or(KeycardError::Gone)?;
    store::close_questions_about(unit, answered.card_id, &answered.key_number).await?;
    if taken.first_used_at == unit.now() {
        take_into_use(unit, account, answered.card_id).await?;
    }
    // Burnt numbers may have skipped the very count; the job issues one card however often it runs.
    if taken.keys_left <= taken.order_at.unwrap_or(ORDER_AT) {
        jobs::renew(unit, account).await?;
    }
    let event = audit::Event::new("keycard.key_used", Author::Account(account), subject(answered.card_id))
        .fact("key_number", &answered.key_number)
        .fact("purpose", purpose.word())
        .fact("keys_left", taken.keys_left);
    audit::record(unit, event).await?;
    Ok(Consent::redeemed(purpose, account, binding))
}
