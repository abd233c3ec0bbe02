//! A new password: every opener of the account, and what opens the archive, is written anew, in the unit that writes the new verifier.

use super::{CertificateError, PasswordProtection, keys, keys::Lock, store};
use crate::{
    archives,
    platform::{
        database::Unit,
        ground::Ground,
        id::{AccountId, CertificateId},
    },
};

/// The account's openers under the new password, to be stored together with it.
pub struct Rewrapped {
    account: AccountId,
    openers: Vec<Opener>,
    archive: Option<archives::RewrappedHolder>,
}

struct Opener {
    certificate: CertificateId,
    old: Vec<u8>,
    new: Vec<u8>,
}

/// Opens each secret with the old password and seals it under the new one. Nothing is stored yet.
///
/// # Errors
/// [`CertificateError::WrongPassword`] when the old password does not open them; [`CertificateError::OtherAccount`].
pub async fn rewrap_password(
    ground: &Ground,
    old: &PasswordProtection<'_>,
    new: &PasswordProtection<'_>,
) -> Result<Rewrapped, CertificateError> {
    if old.account != new.account {
        return Err(CertificateError::OtherAccount);
    }
    let account = old.account;
    let found = store::openers(&mut ground.database.read().await?, account).await?;
    let archive = archives::rewrap_holder(ground, &old.archive_lock(), &new.archive_lock()).await?;
    let (old, new) = (Lock::of(old), Lock::of(new));
    let openers = ground
        .with_keystore(move |keystore| {
            let rewrap = |(certificate, sealed): (CertificateId, Vec<u8>)| -> Result<Opener, CertificateError> {
                let new = keys::rewrap(keystore, certificate, &sealed, (&old, &new))?;
                Ok(Opener { certificate, old: sealed, new })
            };
            found.into_iter().map(rewrap).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    Ok(Rewrapped { account, openers, archive })
}

/// Stores the new openers in the caller's unit, which also stores the new verifier and salt.
///
/// # Errors
/// [`CertificateError::ChangedMeanwhile`] when certificates came or went since [`rewrap_password`]: nothing may be stored; try again.
pub async fn store_rewrapped(unit: &mut Unit, rewrapped: &Rewrapped) -> Result<(), CertificateError> {
    let standing = store::openers(unit, rewrapped.account).await?;
    let same = standing.len() == rewrapped.openers.len()
        && standing.iter().zip(&rewrapped.openers).all(|((id, sealed), opener)| *id == opener.certificate && *sealed == opener.old);
    if !same {
        return Err(CertificateError::ChangedMeanwhile);
    }
    for opener in &rewrapped.openers {
        if !store::replace_opener(unit, opener.certificate, &opener.old, &opener.new).await? {
            return Err(CertificateError::ChangedMeanwhile);
        }
    }
    match &rewrapped.archive {
        Some(archive) if !archives::store_rewrapped_holder(unit, archive).await? => Err(CertificateError::ChangedMeanwhile),
        Some(_) | None => Ok(()),
    }
}
