//! Questions that nobody answered, and signatures that a crash interrupted before they were stored, lapse.

use time::Duration;

use super::store;
use crate::platform::{database::DatabaseError, ground::Ground};

/// Longer than a question lives and a signature takes.
const LIFE: Duration = Duration::minutes(15);

/// Lets them lapse.
///
/// # Errors
/// When the database fails.
pub async fn lapse(ground: &Ground) -> Result<(), DatabaseError> {
    ground.database.write(async |unit| store::lapse(unit, unit.now().plus(-LIFE)).await).await.map(drop)
}
