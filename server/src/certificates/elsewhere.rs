//! Certificates for keys that are not kept here: made here for a key file and handed over, or proven by a request of the person's own.
//!
//! The decryption key of a key file is archived as well, as one that rests here is; a key that signs never. What the person's own software or
//! token made is not here to be archived.

use std::fmt;

use certs::{ca::PrepareError, key_file::LooseKey, public_key::PublicKey};
use zeroize::Zeroizing;

use super::{
    CertificateError, Holder, Intention, KeyCarrier, PasswordProtection, Profile, State,
    intend::{self, IntendedKey},
    ordinals, store,
};
use crate::{
    archives, authorities,
    platform::{ground::Ground, id::CertificateId},
};

/// A key of the person's own and what it shall be for.
pub struct Wanted {
    /// What for.
    pub profile: Profile,
    /// Whose possession was proven.
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
        let made = intend::intention(&draft, prepared, &authority, IntendedKey::Elsewhere);
        intentions.push(Intention { key_carrier: carrier, ..intend::for_holder(made, holder) });
    }
    Ok(intentions)
}

/// A key file: shown once; the file itself is kept nowhere.
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

/// Makes a key for each profile, to be handed over in files, and prepares the certificates. A decryption key is sealed for the archive
/// before its certificate is intended.
///
/// # Errors
/// As [`super::prepare_for_employee`].
pub async fn prepare_key_files(
    ground: &Ground,
    holder: &Holder,
    profiles: &[Profile],
    protection: &PasswordProtection<'_>,
) -> Result<(Vec<Intention>, Vec<Loose>), CertificateError> {
    if holder.account != protection.account {
        return Err(CertificateError::OtherAccount);
    }
    let authority = authorities::issuing(ground).await?;
    let recipients = archives::recipients(ground, holder.company, &protection.archive_lock()).await?;
    let first = ordinals::reserve(ground, &authority, profiles.len()).await?;
    let (mut intentions, mut keys) = (Vec::with_capacity(profiles.len()), Vec::with_capacity(profiles.len()));
    for (profile, ordinal) in profiles.iter().copied().zip(first..) {
        let order = intend::order(ground, &authority, holder, profile, ordinal).await?;
        let draft = intend::draft(ground, ordinal, order);
        let (authority, recipients) = (authority.clone(), recipients.clone());
        let archived = profile == Profile::Encryption;
        let person = recipients.new_person().filter(|_| archived).cloned();
        // Making and sealing a key takes its time: off the event loop.
        let (made, key) = ground
            .with_keystore(move |_| -> Result<(Intention, LooseKey), CertificateError> {
                let (rests, key) = if archived {
                    let (new, key) = recipients.make_loose(draft.id)?;
                    (IntendedKey::Archived(new), key)
                } else {
                    (IntendedKey::Elsewhere, LooseKey::generate()?)
                };
                let prepared = intend::prepare_draft(&draft, key.public_key(), &authority)?;
                Ok((intend::intention(&draft, prepared, &authority, rests), key))
            })
            .await?;
        keys.push(Loose { certificate: made.id, profile, key });
        let made = intend::for_holder(made, holder);
        intentions.push(Intention { key_carrier: KeyCarrier::KeyFile, person, ..made });
    }
    Ok((intentions, keys))
}

/// Packs what was issued. A certificate that was not finished has no file: nobody has its key, the recovering job gives it up.
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
