//! A new epoch begins, since a backup was restored: every phone ends, so none opens a signing key any more, and the secrets that phones could
//! have are renewed as soon as their person's password is at hand.

use super::store::{self, openers};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends every phone's opener. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    openers::renew_every_secret(unit).await?;
    let ended = store::end_every_opener(unit).await?;
    let event = audit::Event::new("epoch.openers_ended", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("openers", ended)).await?;
    Ok(ended)
}
