//! Tells of phones that were blocked or removed; and forgets what is of no more use: pairings a day after their end, counts of wrong tries.

use time::Duration;

use super::store;
use crate::platform::{
    database::DatabaseError,
    ground::Ground,
    id::{AccountId, PhoneId},
    queue,
};

/// Tells a person that a phone was blocked. Run by `logins`, which knows where the person is told things.
pub const TELL_BLOCKED: queue::Kind = queue::Kind("phones.tell_blocked");

/// Tells a person that a phone was removed, on itself or on the page. Run by `logins` too.
pub const TELL_REMOVED: queue::Kind = queue::Kind("phones.tell_removed");

/// Whose phone, and which.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct TellEnded {
    /// The account.
    pub account: AccountId,
    /// The phone.
    pub phone: PhoneId,
}

/// Forgets pairings and tries of yesterday. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    let day = -Duration::days(1);
    let pairings = ground.database.in_batches::<DatabaseError, _>(async |unit| store::pairings::forget(unit, unit.now().plus(day)).await);
    let tries = ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_tries(unit, unit.now().plus(day)).await);
    Ok(pairings.await? + tries.await?)
}
