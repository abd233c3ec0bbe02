//! Certificates for keys that are not kept here: made here for a key file and handed over, or proven by a request of the person's own.

use std::fmt;

use certs::{
    ca::PrepareError,
    key_file::{KeyFileError, LooseKey},
    public_key::PublicKey,
};
use zeroize::Zeroizing;

use super::{
    CertificateError, Holder, Intention, KeyCarrier, Profile, State,
    intend::{self, IntendedKey},
    ordinals, store,
};
use crate::{
    authorities,
    platform::{ground::Ground, id::CertificateId},
};

/// A key and what it shall be for.
pub struct Wanted {
    /// What for.
    pub profile: Profile,
    /// Whose possession was proven, or made here just now.
    pub key: PublicKey,
}

/// Prepares certificates for such keys. The carrier is recorded as it was said: nothing proves that a key lives in a token.
///
/// # Errors
/// As [`super::prepare_for_employee`]; [`CertificateError::KeyDoesNotFit`] when a profile refuses the kind of key.
pub async fn prepare_for_keys(
    ground: &Ground,
    holder: &Holder,
    wanted: Vec<Wanted>,
    carrier: KeyCarrier,
) -> Result<Vec<Intention>, CertificateError> {
    let authority = authorities::issuing(ground).await?;
    let first = ordinals::reserve(ground, &authority, wanted.len()).await?;
    let mut intentions = Vec::with_capacity(wanted.len());
    for (one, ordinal) in wanted.into_iter().zip(first..) {
        let order = intend::order(ground, &authority, holder, one.profile, ordinal).await?;
        let draft = intend::draft(ground, ordinal, order);
        let prepared = match intend::prepare_draft(&draft, &one.key, &authority) {
            // All else in the order is ours.
            Err(CertificateError::Prepare(PrepareError::Lint(_))) => return Err(CertificateError::KeyDoesNotFit { profile: one.profile }),
            other => other?,
        };
        let made = intend::intention(&draft, &prepared, &authority, IntendedKey::Elsewhere);
        intentions.push(Intention { key_carrier: carrier, ..intend::for_holder(made, holder) });
    }
    Ok(intentions)
}

/// A key file: shown once, kept nowhere.
pub struct KeyFile {
    /// What its key is for.
    pub profile: Profile,
    /// PKCS#12.
    pub pkcs12: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "KeyFile({:?})", self.profile)
    }
}

/// A key on its way into its file.
pub struct Loose {
    /// The certificate that is intended for it.
    pub certificate: CertificateId,
    /// What for.
    pub profile: Profile,
    /// The key.
    pub key: LooseKey,
}

/// Makes a key for each profile, off the event loop.
///
/// # Errors
/// When the system has no randomness.
pub async fn loose_keys(profiles: &[Profile]) -> Result<Vec<(Profile, LooseKey)>, CertificateError> {
    let profiles = profiles.to_vec();
    let made = move || profiles.into_iter().map(|profile| Ok((profile, LooseKey::generate()?))).collect::<Result<Vec<_>, KeyFileError>>();
    Ok(tokio::task::spawn_blocking(made).await.map_err(|_| CertificateError::NotFound)??)
}

/// Packs what was issued. A certificate that was not finished has no file: its key is gone, the recovering job gives it up.
///
/// # Errors
/// When the database fails, or a file cannot be made.
pub async fn pack(ground: &Ground, keys: Vec<Loose>, name: &str, passphrase: &str) -> Result<Vec<KeyFile>, CertificateError> {
    let mut files = Vec::with_capacity(keys.len());
    for loose in keys {
        let found = store::by_id(&mut ground.database.read().await?, loose.certificate).await?.ok_or(CertificateError::NotFound)?;
        let (State::Active, Some(der)) = (found.state, found.der) else { continue };
        let chain = authorities::chain_of(ground, found.authority).await?;
        let (name, passphrase) = (format!("{name} ({})", found.kind.as_str()), Zeroizing::new(passphrase.to_owned()));
        let packed = move || loose.key.pack(&der, &chain, &name, &passphrase);
        let pkcs12 = tokio::task::spawn_blocking(packed).await.map_err(|_| CertificateError::NotFound)??;
        files.push(KeyFile { profile: loose.profile, pkcs12 });
    }
    Ok(files)
}
