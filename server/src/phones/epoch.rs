//! A new epoch begins, since a backup was restored: which phones were ended meanwhile, and how many PINs were tried, is not known. So every phone is
//! blocked, as every key card is, and people pair anew with the card that comes by letter. What a phone has signed can be checked as before.

use super::{identity, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Blocks every phone, refuses every pairing, and lets a fresh identity key take over: a succession after the backup is not undone. Gives how many
/// phones.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit, fresh: &identity::Fresh) -> Result<u64, DatabaseError> {
    store::refuse_every_pairing(unit).await?;
    let blocked = store::block_every_phone(unit).await?;
    identity::begin(unit, fresh).await?;
    let event = audit::Event::new("epoch.phones_blocked", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("blocked", blocked)).await?;
    Ok(blocked)
}
