//! A new password: the person's private half is written anew, in the unit that writes the new verifier.

use super::{ArchiveError, Lock, store};
use crate::platform::{database::Unit, ground::Ground, id::HolderId};

/// A private half under the new password, to be stored together with it.
#[derive(Debug)]
pub struct RewrappedHolder {
    holder: HolderId,
    old: Vec<u8>,
    new: Vec<u8>,
}

/// Opens the private half with the old password and seals it under the new one; `None` for somebody without a key pair. Nothing is stored.
///
/// # Errors
/// [`ArchiveError::Craft`] when the old password does not open it.
pub async fn rewrap_holder(ground: &Ground, old: &Lock, new: &Lock) -> Result<Option<RewrappedHolder>, ArchiveError> {
    let Some((_, sealed)) = store::holder(&mut ground.database.read().await?, old.holder()).await? else { return Ok(None) };
    let (old, new) = (old.clone(), new.clone());
    ground
        .with_keystore(move |keystore| {
            let key = old.open(keystore, &sealed)?;
            Ok(Some(RewrappedHolder { holder: old.holder(), new: new.seal(keystore, &key)?, old: sealed }))
        })
        .await
}

/// Stores it; false when the private half is another one meanwhile: nothing may be stored then.
///
/// # Errors
/// When the database fails.
pub async fn store_rewrapped_holder(unit: &mut Unit, rewrapped: &RewrappedHolder) -> Result<bool, ArchiveError> {
    Ok(store::replace_holder(unit, rewrapped.holder, &rewrapped.old, &rewrapped.new).await?)
}
