//! A new epoch begins, since a backup was restored: the person may have stopped it meanwhile, so whoever asked asks again.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends everything that goes on; its links and temporary passwords end with the accounts, what waits to be signed with the certificates. Gives how
/// many.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let ended = store::end_everything(unit).await?;
    audit::record(unit, audit::Event::new("epoch.reissues_lapsed", Author::System("restore"), "epoch").fact("reissues", ended)).await?;
    Ok(ended)
}
