//! A new epoch begins, since a backup was restored: which keys were used meanwhile is not known, so every card is dead, and whoever had a
//! usable one gets another by letter.

use super::{
    jobs::{RENEW, Renew},
    store,
};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
        queue,
    },
};

/// Blocks every card and orders the new ones. Gives how many were ordered.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<usize, DatabaseError> {
    store::close_every_question(unit).await?;
    let (blocked, owners) = store::block_every_card(unit).await?;
    let now = unit.now();
    for account in &owners {
        queue::enqueue(unit, RENEW, &Renew { account: *account, by_letter: true }, now).await?;
    }
    let event = audit::Event::new("epoch.keycards_blocked", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("blocked", blocked).fact("ordered", owners.len())).await?;
    Ok(owners.len())
}
