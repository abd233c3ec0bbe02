//! The proof that a private key and a public key belong together: not by comparing what the store says of itself, but by a signature.

use super::{KeyLabel, Keystore, KeystoreError, RsaPadding, Scheme};
use crate::public_key::PublicKey;

/// Why a key is not shown to be a certificate's.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// The keystore refused.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// No key stands under the label.
    #[error("the keystore has no key under {label}")]
    Missing {
        /// Label asked for.
        label: KeyLabel,
    },
    /// The key under the label is another, or its private half does not belong to its public half.
    #[error("the key {label} in the keystore is not the one in the certificate")]
    Other {
        /// Label asked for.
        label: KeyLabel,
    },
}

/// Has the key under `label` sign a fixed message that is nothing else, and verifies it with `public_key`.
///
/// # Errors
/// [`Mismatch`].
pub fn prove(label: &KeyLabel, public_key: &PublicKey, keystore: &dyn Keystore) -> Result<(), Mismatch> {
    let found = keystore.find(label)?.ok_or_else(|| Mismatch::Missing { label: label.clone() })?;
    if found != *public_key {
        return Err(Mismatch::Other { label: label.clone() });
    }
    let digest = Scheme::of(found.kind(), RsaPadding::Pss).digest(&[b"segl/keystore/v1/proof/".as_slice(), found.spki()].concat());
    let signature = keystore.sign(label, &digest)?;
    if public_key.verifies(&digest, &signature) { Ok(()) } else { Err(Mismatch::Other { label: label.clone() }) }
}
