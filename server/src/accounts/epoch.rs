//! A new epoch begins, since a backup was restored: a link that was mailed before may have been used meanwhile, so none works;
//! a device that was forgotten meanwhile would be known again, so none is; an API key that was ended meanwhile would open again, so none does. An operator
//! who was ended meanwhile, or has fewer roles, would be back: so all rest until the host says who is one.

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

/// Lets every operator's account rest until it is confirmed on the host. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn rest_operators(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let rest = store::suspend_operators(unit).await?;
    audit::record(unit, audit::Event::new("epoch.operators_rest", Author::System("restore"), "epoch").fact("operators", rest)).await?;
    Ok(rest)
}
