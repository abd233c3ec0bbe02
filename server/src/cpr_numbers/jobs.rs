//! Forgets the wrong questions of yesterday.

use time::Duration;

use super::store;
use crate::platform::{database::DatabaseError, ground::Ground};

/// Forgets counts that began more than a day ago. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_tries(unit, unit.now().plus(-Duration::DAY)).await).await
}
