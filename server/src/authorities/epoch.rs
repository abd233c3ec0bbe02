//! A new epoch begins, since a backup was restored: the ordinals given meanwhile are not known, so none near them is given again.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// More than any installation issues between two backups. Serial numbers are random (126 bits) and need no jump.
const SKIPPED: i64 = 1_000_000;

/// Makes every authority's counter jump.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<(), DatabaseError> {
    let authorities = store::skip_ordinals(unit, SKIPPED).await?;
    let event = audit::Event::new("epoch.ordinals_skipped", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("authorities", authorities).fact("skipped", SKIPPED)).await
}
