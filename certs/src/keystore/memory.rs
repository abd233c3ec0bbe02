//! A keystore that forgets: for tests and for the demonstration's throw-away keys. The same craft as the file store, without files.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use super::private_key::PrivateKey;
use super::sealed::{self, Sealer};
use super::{Destroyed, Digest, KeyKind, KeyLabel, Keystore, KeystoreError, MasterKey, RsaPadding, Secret32};
use crate::archive::EncryptionCertificate;
use crate::key_file::LooseKey;
use crate::public_key::PublicKey;

/// Keys in memory only.
pub struct MemoryKeystore {
    sealer: Sealer,
    keys: RwLock<BTreeMap<KeyLabel, Arc<PrivateKey>>>,
}

impl MemoryKeystore {
    /// An empty store; what it wraps opens again under the same master key.
    #[must_use]
    pub fn new(master: MasterKey) -> Self {
        Self { sealer: Sealer::new(master), keys: RwLock::default() }
    }

    fn put(&self, label: &KeyLabel, key: PrivateKey) -> Result<PublicKey, KeystoreError> {
        let public_key = key.public_key()?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.contains_key(label) {
            return Err(KeystoreError::LabelTaken { label: label.clone() });
        }
        keys.insert(label.clone(), Arc::new(key));
        Ok(public_key)
    }

    fn key(&self, label: &KeyLabel) -> Result<Arc<PrivateKey>, KeystoreError> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(label).cloned().ok_or_else(|| KeystoreError::NoSuchKey { label: label.clone() })
    }
}

impl Keystore for MemoryKeystore {
    fn generate(&self, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, KeystoreError> {
        self.put(label, PrivateKey::generate(kind)?)
    }

    fn import(&self, label: &KeyLabel, key: &LooseKey) -> Result<PublicKey, KeystoreError> {
        self.put(label, PrivateKey::of_loose(key)?)
    }

    fn destroy(&self, label: &KeyLabel) -> Result<Destroyed, KeystoreError> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner).remove(label);
        Ok(Destroyed::Gone)
    }

    fn find(&self, label: &KeyLabel) -> Result<Option<PublicKey>, KeystoreError> {
        match self.key(label) {
            Ok(key) => key.public_key().map(Some),
            Err(KeystoreError::NoSuchKey { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn sign_with(&self, label: &KeyLabel, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.key(label)?.sign(padding, digest)
    }

    fn signs_at_once(&self, label: &KeyLabel) -> bool {
        self.key(label).is_ok_and(|key| key.signs_at_once())
    }

    fn agree(&self, label: &KeyLabel, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.key(label)?.agree(ephemeral)
    }

    sealed::at_rest!();
}
