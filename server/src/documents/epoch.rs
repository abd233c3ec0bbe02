//! A new epoch begins, since a backup was restored: whoever was asked to approve a signature is asked again.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Lets every signature that is not in its document lapse. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let lapsed = store::lapse_everything(unit).await?;
    audit::record(unit, audit::Event::new("epoch.approvals_lapsed", Author::System("restore"), "epoch").fact("approvals", lapsed)).await?;
    Ok(lapsed)
}
