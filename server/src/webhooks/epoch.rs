//! A new epoch begins, since a backup was restored: an address that was removed meanwhile would be told things again, and a secret that was replaced
//! would sign. So no address is told anything until an administrator says so.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Disables every address. Gives how many. What waits there ends when it would be tried.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let disabled = store::disable_every(unit).await?;
    let event = audit::Event::new("epoch.webhooks_disabled", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("disabled", disabled)).await?;
    Ok(disabled)
}
