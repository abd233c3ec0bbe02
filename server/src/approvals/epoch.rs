//! A new epoch begins, since a backup was restored: nothing that waited for a phone can be answered, and no yes can be redeemed.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends every request and every yes that is not redeemed. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let ended = store::end_everything(unit).await? + store::end_every_release(unit).await?;
    let event = audit::Event::new("epoch.approvals_ended", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("approvals", ended)).await?;
    Ok(ended)
}
