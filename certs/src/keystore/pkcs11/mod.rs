//! A keystore in a PKCS#11 token (OASIS PKCS#11 v2.40): a hardware security module, or SoftHSM2.
//!
//! Promise: a labelled key is made in the token and never leaves it. A wrapped key is made in the token, leaves it only under AES key wrap
//! (RFC 5649) with a key that the token derives for this box and context, and is unwrapped into a sensitive, non-extractable session object
//! for one signature. What [`Keystore::wrap`] seals is plain text that the caller holds anyway: it is sealed in memory under a key that
//! only the token's own secret can give again. The token's two secrets are made on first use and are not extractable.
//!
//! Needs of the token: EC key pairs and `CKM_ECDSA` for authorities' keys (the digest is made here: SoftHSM2 has no `CKM_ECDSA_SHA256`); for the rest
//! also `CKM_RSA_PKCS_PSS` for RSA keys, `CKM_SHA256_HMAC`, `CKM_AES_CBC_ENCRYPT_DATA`, `CKM_AES_KEY_WRAP_PAD` and `CKM_ECDH1_DERIVE`. SoftHSM2 2.6 has them all.
//!
//! Calls block: keep them off the event loop. One context per process, one session per thread at a time from a bounded pool, one session more
//! that keeps the login. A lost session is replaced once within the call.

mod boxes;
mod error;
mod keys;
mod module;
mod pool;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use self::keys::Found;
use self::pool::{Failure, Pool};
use super::{Digest, KeyKind, KeyLabel, Keystore, KeystoreError, RsaPadding, Secret32};
use crate::public_key::PublicKey;

pub use error::TokenError;
pub use module::TokenName;

/// Sessions unless told otherwise.
pub const USUAL_SESSIONS: usize = 8;

/// Keys in a token.
pub struct Pkcs11Keystore {
    pool: Pool,
    known: RwLock<BTreeMap<KeyLabel, Arc<Found>>>,
    secrets: RwLock<BTreeMap<&'static str, ObjectHandle>>,
    /// PKCS#11 lets two objects have one label: making one is looked after here.
    making: Mutex<()>,
}

impl Pkcs11Keystore {
    /// Loads the module, finds the token and logs in. At most `sessions` calls run in the token at once.
    ///
    /// # Errors
    /// [`TokenError`] names what is missing or wrong, and what to do.
    pub fn open(module: &Path, token: TokenName, pin: Zeroizing<String>, sessions: usize) -> Result<Self, KeystoreError> {
        let pool = Pool::open(module, token, AuthPin::new(pin.as_str().into()), sessions.max(1))?;
        Ok(Self { pool, known: RwLock::default(), secrets: RwLock::default(), making: Mutex::default() })
    }

    fn with<T>(&self, call: impl Fn(&Session) -> Result<T, Failure>) -> Result<T, KeystoreError> {
        self.pool.with(|| self.forget(), call)
    }

    /// After a new login no handle holds any longer.
    fn forget(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.secrets.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn key(&self, session: &Session, label: &KeyLabel) -> Result<Option<Arc<Found>>, Failure> {
        if let Some(found) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(label) {
            return Ok(Some(Arc::clone(found)));
        }
        let Some(found) = keys::find(session, label)? else { return Ok(None) };
        let found = Arc::new(found);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(label.clone(), Arc::clone(&found));
        Ok(Some(found))
    }

    fn existing(&self, session: &Session, label: &KeyLabel) -> Result<Arc<Found>, Failure> {
        Ok(self.key(session, label)?.ok_or_else(|| KeystoreError::NoSuchKey { label: label.clone() })?)
    }

    /// One of the token's own secrets, made when it is first needed.
    fn secret(&self, session: &Session, secret: &boxes::Secret) -> Result<ObjectHandle, Failure> {
        if let Some(handle) = self.secrets.read().unwrap_or_else(PoisonError::into_inner).get(secret.label) {
            return Ok(*handle);
        }
        let one_at_a_time = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let handle = secret.find_or_make(session)?;
        drop(one_at_a_time);
        self.secrets.write().unwrap_or_else(PoisonError::into_inner).insert(secret.label, handle);
        Ok(handle)
    }
}

impl Keystore for Pkcs11Keystore {
    fn generate(&self, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, KeystoreError> {
        let one_at_a_time = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let made = self.with(|session| match keys::find(session, label)? {
            Some(_) => Err(KeystoreError::LabelTaken { label: label.clone() }.into()),
            None => keys::generate(session, label, kind),
        });
        drop(one_at_a_time);
        made
    }

    fn certificate(&self, label: &KeyLabel) -> Result<Option<Vec<u8>>, KeystoreError> {
        self.with(|session| keys::certificate(session, label))
    }

    fn find(&self, label: &KeyLabel) -> Result<Option<PublicKey>, KeystoreError> {
        self.with(|session| Ok(self.key(session, label)?.map(|found| found.public_key.clone())))
    }

    fn sign_with(&self, label: &KeyLabel, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.with(|session| {
            let found = self.existing(session, label)?;
            keys::sign(session, (found.private, found.kind), padding, digest)
        })
    }

    fn agree(&self, label: &KeyLabel, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.with(|session| {
            let found = self.existing(session, label)?;
            keys::agree(session, found.private, found.kind, ephemeral)
        })
    }

    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        boxes::seal(plain, context, |salt| self.with(|session| boxes::box_secret(session, self.secret(session, &boxes::MAC)?, salt)))
    }

    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        boxes::open(wrapped, context, |salt| self.with(|session| boxes::box_secret(session, self.secret(session, &boxes::MAC)?, salt)))
    }

    fn generate_wrapped(&self, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), KeystoreError> {
        self.with(|session| boxes::generate(session, self.secret(session, &boxes::WRAPPING)?, kind, context))
    }

    fn sign_wrapped(&self, wrapped: &[u8], context: &[u8], digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.with(|session| {
            let wrapping = self.secret(session, &boxes::WRAPPING)?;
            boxes::with_key(session, wrapping, (wrapped, context), |key, kind| keys::sign(session, (key, kind), RsaPadding::Pss, digest))
        })
    }

    fn agree_wrapped(&self, wrapped: &[u8], context: &[u8], ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.with(|session| {
            let wrapping = self.secret(session, &boxes::WRAPPING)?;
            boxes::with_key(session, wrapping, (wrapped, context), |key, kind| keys::agree(session, key, kind, ephemeral))
        })
    }

    fn hmac(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], KeystoreError> {
        self.with(|session| boxes::hmac(session, self.secret(session, &boxes::MAC)?, purpose, data))
    }
}
