//! A new epoch begins, since a backup was restored: no link to an agreement works any longer.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends every signatory's link. Gives how many: they are sent anew from the company's page.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let ended = store::end_every_link(unit).await?;
    audit::record(unit, audit::Event::new("epoch.links_ended", Author::System("restore"), "epoch").fact("links", ended)).await?;
    Ok(ended)
}
