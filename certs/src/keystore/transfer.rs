//! Taking a key from one file keystore to another: sealed under a passphrase of its own on the way, bound to its label.

use super::sealed::Sealer;
use super::{FileKeystore, KeyLabel, KeystoreError, MasterKey};
use crate::public_key::PublicKey;

const PURPOSE: &[u8] = b"transfer";

impl FileKeystore {
    /// Seals the key under `label` for another keystore. The key stays where it is: [`FileKeystore::forget`] removes it.
    ///
    /// # Errors
    /// [`KeystoreError::NoSuchKey`].
    pub fn hand_over(&self, label: &KeyLabel, under: MasterKey) -> Result<Vec<u8>, KeystoreError> {
        let plain = self.octets(label)?;
        Sealer::new(under).seal(PURPOSE, &plain, label.as_str().as_bytes())
    }

    /// Takes over what [`FileKeystore::hand_over`] sealed, under the same label.
    ///
    /// # Errors
    /// [`KeystoreError::DoesNotOpen`] for another passphrase or label; [`KeystoreError::LabelTaken`].
    pub fn take_over(&self, label: &KeyLabel, sealed: &[u8], under: MasterKey) -> Result<PublicKey, KeystoreError> {
        let plain = Sealer::new(under).open(PURPOSE, sealed, label.as_str().as_bytes())?;
        self.keep(label, &plain)
    }
}
