//! Judges a typed key. A wrong one is counted here, in a unit of its own; a right one is redeemed by the caller in his.
//!
//! Counting and redeeming both need the number still to be asked for and not burnt, so of many keys tried at once no more than
//! five are looked at.

use super::{
    KeycardError,
    issue::{open_key, subject},
    jobs::{TELL_QUARANTINED, TellQuarantined},
    model::{WRONG_PER_CARD, WRONG_PER_KEY},
    store,
};
use crate::{
    audit,
    config::Mode,
    platform::{
        actor::Author,
        database::Unit,
        ground::Ground,
        id::{ChallengeId, KeycardId},
        queue,
    },
};

/// What became of a typed key; [`super::redeem`] turns a right one into a consent.
#[derive(Debug)]
pub struct Judged {
    pub(super) challenge: ChallengeId,
    pub(super) verdict: Verdict,
}

#[derive(Debug)]
pub(super) enum Verdict {
    /// The question is answered, replaced or too old: nothing was looked at.
    Gone,
    /// The key beside this number of this card, which a question never changes.
    Right {
        card: KeycardId,
        key_number: String,
    },
    Wrong,
}

/// Compares a typed key with the one that was asked for. Outside any unit.
///
/// # Errors
/// When keystore or database fail. A wrong key is no error here, so that callers go on to [`super::redeem`] and refuse there.
pub async fn judge(ground: &Ground, challenge: ChallengeId, typed: &str) -> Result<Judged, KeycardError> {
    let mut reader = ground.database.read().await?;
    let Some(asked) = store::open_question(&mut reader, challenge, ground.clock().now()).await? else {
        return Ok(Judged { challenge, verdict: Verdict::Gone });
    };
    drop(reader);
    let key = open_key(ground, asked.card_id, asked.sealed, &asked.key_number).await?;
    if key.is_some_and(|key| key.matches(typed)) {
        return Ok(Judged { challenge, verdict: Verdict::Right { card: asked.card_id, key_number: asked.key_number } });
    }
    let verdict = ground.database.write(async |unit| count_wrong(unit, challenge).await).await?;
    Ok(Judged { challenge, verdict })
}

/// Counts a wrong key; burns the number and puts the card in quarantine when it was one too many.
async fn count_wrong(unit: &mut Unit, challenge: ChallengeId) -> Result<Verdict, KeycardError> {
    let Some(open) = store::open_challenge(unit, challenge).await? else { return Ok(Verdict::Gone) };
    let Some(wrong_on_key) = store::count_wrong_on_key(unit, open.card_id, &open.key_number, WRONG_PER_KEY).await? else {
        return Ok(Verdict::Gone);
    };
    let burnt = i64::from(wrong_on_key >= WRONG_PER_KEY);
    let wrong_on_card = store::count_wrong_on_card(unit, open.card_id, burnt, WRONG_PER_CARD).await?;
    let event = audit::Event::new("keycard.key_refused", Author::Anyone, subject(open.card_id))
        .fact("account", open.account_id)
        .fact("key_number", &open.key_number)
        .fact("wrong_on_key", wrong_on_key)
        .fact("wrong_on_card", wrong_on_card);
    audit::record(unit, event).await?;
    if burnt == 1 {
        store::close_questions_about(unit, open.card_id, &open.key_number).await?;
    }
    if wrong_on_card >= WRONG_PER_CARD {
        audit::record(unit, audit::Event::new("keycard.quarantined", Author::System("keycards"), subject(open.card_id))).await?;
    }
    // Told once, though wrong keys to a question that was open go on being counted.
    if wrong_on_card == WRONG_PER_CARD
        && let Some(card) = store::card(unit, open.card_id).await?
    {
        let (account, now) = (open.account_id, unit.now());
        queue::enqueue(unit, TELL_QUARANTINED, &TellQuarantined { account, number: card.number }, now).await?;
    }
    Ok(Verdict::Wrong)
}

/// The key that answers a question: only in the demonstration, where the printed card cannot be at hand.
///
/// # Errors
/// When keystore or database fail.
pub async fn demo_key(ground: &Ground, challenge: ChallengeId) -> Result<Option<String>, KeycardError> {
    match ground.config.server.mode {
        Mode::Real => return Ok(None),
        Mode::Demonstration => {}
    }
    let mut reader = ground.database.read().await?;
    let Some(asked) = store::open_question(&mut reader, challenge, ground.clock().now()).await? else { return Ok(None) };
    drop(reader);
    let key = open_key(ground, asked.card_id, asked.sealed, &asked.key_number).await?;
    Ok(key.map(|key| key.expose().to_string()))
}

/// As [`demo_key`], for a program that knows only what the question shows: card and number.
///
/// # Errors
/// When keystore or database fail.
pub async fn demo_key_beside(ground: &Ground, card_number: &str, key_number: &str) -> Result<Option<String>, KeycardError> {
    let mut reader = ground.database.read().await?;
    let asked = store::question_beside(&mut reader, card_number, key_number, ground.clock().now()).await?;
    drop(reader);
    match asked {
        Some(challenge) => demo_key(ground, challenge).await,
        None => Ok(None),
    }
}
