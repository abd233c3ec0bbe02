//! A new epoch begins, since a backup was restored: what was agreed to for somebody who rests may have been stopped meanwhile.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends every rest whose new password is not chosen yet: its link ends with the accounts, and another is asked for. Whoever chose one waits on
/// until the time that was said. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let ended = store::end_every_rest(unit).await?;
    audit::record(unit, audit::Event::new("epoch.rests_ended", Author::System("restore"), "epoch").fact("rests", ended)).await?;
    Ok(ended)
}
