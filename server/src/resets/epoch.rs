//! A new epoch begins, since a backup was restored: a link that was mailed before may have been used meanwhile, so none works.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends every reset on its way. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let ended = store::end_every_reset(unit).await?;
    let event = audit::Event::new("epoch.resets_ended", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("resets", ended)).await?;
    Ok(ended)
}
