//! The reference of a refusal: whoever was refused tells it to the help desk, which sees the true reason under it, for ninety days.
//!
//! A door that is closed is written down once, however often it is knocked at: else a flood of knocks would be a flood of rows.

use sha2::{Digest as _, Sha256};
use time::Duration;

use super::{LoginError, Refusal, store};
use crate::{
    accounts::{ASKED_FIRST, AccountError, Why},
    platform::{
        database::{Connection, DatabaseError},
        ground::Ground,
        moment::Moment,
        random,
    },
};

/// So long a refusal is kept.
pub(super) const KEPT_FOR: Duration = Duration::days(90);
/// Eight signs of thirty-two each.
const GROUPS: usize = 2;
/// So often one is drawn, if it is there already: one of a million million.
const DRAWS: usize = 3;
/// Milliseconds.
const HOUR: i64 = 3_600_000;

/// Who was refused and why, if it is a refusal.
pub(super) fn why(error: &LoginError) -> Option<Why> {
    if let LoginError::Account(AccountError::Refused(why) | AccountError::TooManyTries { why, .. })
    | LoginError::AnswerFirst { why, .. }
    | LoginError::NotRight(why) = error
    {
        Some(*why)
    } else {
        None
    }
}

/// Under what a refusal is written down once only: one for each closed door and each day that asks first.
fn closed_door(error: &LoginError, why: &Why, network: &str, now: Moment) -> Option<Vec<u8>> {
    let span = if let LoginError::Account(AccountError::TooManyTries { until, .. }) = error {
        until.millis() / HOUR
    } else if why.reason == ASKED_FIRST {
        now.millis() / (24 * HOUR)
    } else {
        return None;
    };
    Some(Sha256::digest(format!("segl/closed-door/v1|{}|{}|{network}|{span}", why.account, why.reason)).to_vec())
}

/// Writes a refusal down and gives its reference; none when it is no refusal. It costs the same whatever the reason.
///
/// # Errors
/// When the database fails.
pub async fn note(ground: &Ground, error: &LoginError, network: &str) -> Result<Option<String>, DatabaseError> {
    let Some(why) = why(error) else { return Ok(None) };
    let door = closed_door(error, &why, network, ground.clock().now());
    if let Some(door) = &door {
        let mut reader = ground.database.read().await?;
        if let Some(known) = store::refusal_at_door(&mut reader, door).await? {
            return Ok(Some(known));
        }
    }
    let account = why.exists.then_some(why.account);
    for _ in 0..DRAWS {
        let reference = random::code(ground.random(), GROUPS);
        let row = store::NewRefusal { reference: &reference, account, reason: why.reason, network, closed_door: door.as_deref() };
        if ground.database.write(async |unit| store::insert_refusal(unit, &row).await).await? {
            return Ok(Some(reference));
        }
        // Two knocked at once: the other's reference stands for both. Or it was drawn before.
        if let Some(door) = &door
            && let Some(known) = store::refusal_at_door(&mut ground.database.read().await?, door).await?
        {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

/// The refusal of a reference, as it is typed.
///
/// # Errors
/// When the database fails.
pub async fn refusal(connection: &mut impl Connection, typed: &str) -> Result<Option<Refusal>, DatabaseError> {
    let bare = random::bare_code(typed);
    if !random::is_code(&bare, GROUPS) {
        return Ok(None);
    }
    let (first, second) = bare.split_at(4);
    store::refusal(connection, &format!("{first}-{second}")).await
}

/// Forgets what is older than ninety days. Gives how many.
pub(super) async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches(async |unit| store::forget_refusals(unit, unit.now().plus(-KEPT_FOR)).await).await
}
