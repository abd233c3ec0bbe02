//! A new epoch begins, since a backup was restored: which blocks of serial numbers were reserved meanwhile is not known, so none near them
//! is reserved again.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// More blocks than an installation reserves between two backups.
const SKIPPED: i64 = 1_000_000;

/// Makes the counter of blocks jump.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<(), DatabaseError> {
    store::skip_blocks(unit, SKIPPED).await?;
    audit::record(unit, audit::Event::new("epoch.timestamp_blocks_skipped", Author::System("restore"), "epoch").fact("skipped", SKIPPED))
        .await
}
