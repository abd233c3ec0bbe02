//! A new epoch begins, since a backup was restored: a link that was mailed before may have been used meanwhile, so none works.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Withdraws every open activation. Gives how many: those people are invited anew.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let withdrawn = store::withdraw_every_activation(unit).await?;
    let event = audit::Event::new("epoch.activations_withdrawn", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("activations", withdrawn)).await?;
    Ok(withdrawn)
}
