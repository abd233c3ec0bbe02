//! Several keystores as one: a main one, and others by name. A key's label says where it lies: `hsm.issuing1` is the key `issuing1` of
//! the keystore named `hsm`; a label without a dot is the main keystore's, and so is everything that has no label. `offline` is where nobody
//! gets at from here: the name for keys that only ceremonies use.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Destroyed, Digest, KeyKind, KeyLabel, Keystore, KeystoreError, RsaPadding, Secret32};
use crate::archive::EncryptionCertificate;
use crate::key_file::LooseKey;
use crate::public_key::PublicKey;

/// A ring of keystores.
pub struct Keyring {
    main: Arc<dyn Keystore>,
    named: BTreeMap<String, Arc<dyn Keystore>>,
}

impl Keyring {
    /// Names follow the rule of [`KeyLabel`], without dots.
    #[must_use]
    pub fn new(main: Arc<dyn Keystore>, named: BTreeMap<String, Arc<dyn Keystore>>) -> Self {
        Self { main, named }
    }

    /// The keystore of a label, and the label there.
    fn home<'a>(&'a self, label: &'a KeyLabel) -> Result<(&'a dyn Keystore, Cow<'a, KeyLabel>), KeystoreError> {
        let Some((name, rest)) = label.as_str().split_once('.') else { return Ok((self.main.as_ref(), Cow::Borrowed(label))) };
        if name == KeyLabel::OFFLINE {
            return Err(KeystoreError::Offline { label: label.clone() });
        }
        let store = self.named.get(name).ok_or_else(|| KeystoreError::NoSuchKeystore { label: label.clone() })?;
        Ok((store.as_ref(), Cow::Owned(KeyLabel::parse(rest)?)))
    }
}

impl Keystore for Keyring {
    fn generate(&self, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, KeystoreError> {
        let (store, label) = self.home(label)?;
        store.generate(&label, kind)
    }

    fn import(&self, label: &KeyLabel, key: &LooseKey) -> Result<PublicKey, KeystoreError> {
        let (store, label) = self.home(label)?;
        store.import(&label, key)
    }

    fn destroy(&self, label: &KeyLabel) -> Result<Destroyed, KeystoreError> {
        let (store, label) = self.home(label)?;
        store.destroy(&label)
    }

    fn certificate(&self, label: &KeyLabel) -> Result<Option<Vec<u8>>, KeystoreError> {
        let (store, label) = self.home(label)?;
        store.certificate(&label)
    }

    fn find(&self, label: &KeyLabel) -> Result<Option<PublicKey>, KeystoreError> {
        let (store, label) = self.home(label)?;
        store.find(&label)
    }

    fn sign_with(&self, label: &KeyLabel, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        let (store, label) = self.home(label)?;
        store.sign_with(&label, padding, digest)
    }

    fn signs_at_once(&self, label: &KeyLabel) -> bool {
        self.home(label).is_ok_and(|(store, label)| store.signs_at_once(&label))
    }

    fn agree(&self, label: &KeyLabel, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        let (store, label) = self.home(label)?;
        store.agree(&label, ephemeral)
    }

    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        self.main.wrap(plain, context)
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        self.main.unwrap(wrapped, context)
    }

    fn generate_wrapped(&self, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), KeystoreError> {
        self.main.generate_wrapped(kind, context)
    }

    fn sign_wrapped(&self, wrapped: &[u8], context: &[u8], digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.main.sign_wrapped(wrapped, context, digest)
    }

    fn agree_wrapped(&self, wrapped: &[u8], context: &[u8], ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.main.agree_wrapped(wrapped, context, ephemeral)
    }

    fn release_wrapped(
        &self,
        wrapped: &[u8],
        context: &[u8],
        certificate: &EncryptionCertificate,
    ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        self.main.release_wrapped(wrapped, context, certificate)
    }

    fn hmac(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], KeystoreError> {
        self.main.hmac(purpose, data)
    }
}
