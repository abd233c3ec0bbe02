//! When somebody last logged in or signed: told by the slices above, in their units.

use time::Duration;

use super::store;
use crate::platform::{
    database::{DatabaseError, Unit},
    id::AccountId,
};

/// How exactly it is kept: what comes within it of the last time writes nothing.
const EVERY: Duration = Duration::HOUR;

/// Notes that an account is used now. An operator's has nobody to note it of.
///
/// # Errors
/// When the database fails.
pub async fn note_used(unit: &mut Unit, account: AccountId) -> Result<(), DatabaseError> {
    let since = unit.now().plus(-EVERY);
    store::use_now(unit, account, since).await
}
