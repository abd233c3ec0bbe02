//! A new epoch begins, since a backup was restored: a signature or a refusal may have come meanwhile, so whoever asked asks again.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Lets everything that waits lapse; its links are dead with it. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let lapsed = store::end_everything(unit).await?;
    let event = audit::Event::new("epoch.successions_lapsed", Author::System("restore"), "epoch").fact("successions", lapsed);
    audit::record(unit, event).await?;
    Ok(lapsed)
}
