//! A new epoch begins, since a backup was restored: a link that was undone meanwhile would show again what it hid, so every person links anew.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Undoes every link. Gives how many signatures had one.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let unlinked = store::end_everything(unit).await?;
    let event = audit::Event::new("epoch.signatures_unlinked", Author::System("restore"), "epoch").fact("signatures", unlinked);
    audit::record(unit, event).await?;
    Ok(unlinked)
}
