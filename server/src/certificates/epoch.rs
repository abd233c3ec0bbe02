//! A new epoch begins, since a backup was restored: every phone ends, so none opens a signing key any more, and the secrets that phones could
//! have are renewed as soon as their person's password is at hand.

use super::{
    held::give_up_all_held,
    store::{self, openers},
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends every phone's opener, and gives up what waits to be signed. Gives how many openers.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    // Whoever was to be heard meanwhile may have stopped them.
    give_up_all_held(unit, Author::System("restore")).await?;
    store::end_holds(unit).await?;
    openers::renew_every_secret(unit).await?;
    let ended = store::end_every_opener(unit).await?;
    let event = audit::Event::new("epoch.openers_ended", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("openers", ended)).await?;
    Ok(ended)
}
