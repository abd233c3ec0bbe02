//! A new epoch begins, since a backup was restored: which codes were used meanwhile is not known. So every token that served is blocked until its
//! holder activates it by two fresh codes, which burn all before; codes by time are taken from the present step on.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Blocks them. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let blocked = store::block_every(unit).await?;
    store::burn_every_step(unit).await?;
    let event = audit::Event::new("epoch.code_tokens_blocked", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("blocked", blocked)).await?;
    Ok(blocked)
}
