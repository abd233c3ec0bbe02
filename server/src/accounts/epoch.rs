//! A new epoch begins, since a backup was restored: a link that was mailed before may have been used meanwhile, so none works;
//! a device that was forgotten meanwhile would be known again, so none is; an API key that was ended meanwhile would open again, so none does.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Withdraws every open activation, forgets every device and ends every company's API key. Gives how many activations: those people are invited anew.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let withdrawn = store::withdraw_every_activation(unit).await?;
    let devices = store::forget_every_device(unit).await?;
    let keys = store::end_every_api_key(unit).await?;
    let event = audit::Event::new("epoch.activations_withdrawn", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("activations", withdrawn).fact("devices", devices).fact("api_keys", keys)).await?;
    Ok(withdrawn)
}
