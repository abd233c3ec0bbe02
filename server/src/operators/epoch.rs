//! A new epoch begins, since a backup was restored: what waited may have been refused meanwhile, so whoever asked asks again.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Lets every change that waits lapse. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let lapsed = store::end_every_change(unit).await?;
    audit::record(unit, audit::Event::new("epoch.operator_changes_lapsed", Author::System("restore"), "epoch").fact("changes", lapsed))
        .await?;
    Ok(lapsed)
}
