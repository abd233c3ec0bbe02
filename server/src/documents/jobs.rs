//! Questions that nobody answered, and signatures that a crash interrupted before they were stored, lapse; seals that it interrupted failed.

use time::Duration;

use super::{seal, store};
use crate::platform::{database::DatabaseError, ground::Ground};

/// Longer than a question lives and a signature takes.
const LIFE: Duration = Duration::minutes(15);

/// Lets them lapse.
///
/// # Errors
/// When the database fails.
pub async fn lapse(ground: &Ground) -> Result<(), DatabaseError> {
    ground
        .database
        .write(async |unit| {
            let before = unit.now().plus(-LIFE);
            seal::give_up(unit, before).await?;
            store::lapse(unit, before).await
        })
        .await
        .map(drop)
}
