//! A new epoch begins, since a backup was restored: a refusal may have come meanwhile, so whoever asked for a change asks again.

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
    let lapsed = store::end_everything(unit).await?;
    audit::record(unit, audit::Event::new("epoch.mandates_lapsed", Author::System("restore"), "epoch").fact("mandates", lapsed)).await?;
    Ok(lapsed)
}
