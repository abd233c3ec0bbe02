//! The service's identity key I, which phones pin (`security.md` section 3): all that is told to a phone is signed by it, and not by TLS.
//!
//! It rests in the keystore and is made when it is first asked for, and its successor with it, so that a phone knows both from the day it is paired.
//! Nothing here renews it yet: the successor waits.

use std::sync::Arc;

use certs::keystore::{Digest, KeyKind, KeyLabel, Keystore, KeystoreError};
use keycard::{Canonical, PublicKey, Signature, Signed};
use tokio::sync::OnceCell;

use super::PhoneError;
use crate::platform::ground::Ground;

/// The keystore's label of the key in use.
const LABEL: &str = "phone-identity-1";
/// The label of the one that comes after it.
const SUCCESSOR: &str = "phone-identity-2";

/// The public half of the identity key, and the name of its successor.
#[derive(Debug)]
pub struct Identity {
    key: PublicKey,
    successor: [u8; 32],
}

#[derive(Default)]
struct Held(OnceCell<Arc<Identity>>);

/// The identity key of this service; made on first need.
///
/// # Errors
/// When the keystore refuses.
pub async fn of(ground: &Ground) -> Result<Arc<Identity>, PhoneError> {
    let held = ground.kept.of::<Held>();
    let made = held.0.get_or_try_init(async || {
        let (key, successor) =
            ground.with_keystore(|keystore| Ok::<_, PhoneError>((key(keystore, LABEL)?, key(keystore, SUCCESSOR)?))).await?;
        Ok::<_, PhoneError>(Arc::new(Identity { key, successor: successor.thumbprint() }))
    });
    made.await.cloned()
}

fn key(keystore: &dyn Keystore, label: &str) -> Result<PublicKey, PhoneError> {
    let label = KeyLabel::parse(label)?;
    let found = match keystore.find(&label)? {
        Some(found) => found,
        None => match keystore.generate(&label, KeyKind::EcP256) {
            // Another node was faster.
            Err(KeystoreError::LabelTaken { label }) => keystore.find(&label)?.ok_or(KeystoreError::NoSuchKey { label })?,
            made => made?,
        },
    };
    Ok(PublicKey::from_spki("identity key", found.spki())?)
}

impl Identity {
    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// What phones pin: SHA-256 of the SubjectPublicKeyInfo.
    #[must_use]
    pub fn pin(&self) -> [u8; 32] {
        self.key.thumbprint()
    }

    /// What phones pin beside it.
    #[must_use]
    pub fn successor(&self) -> [u8; 32] {
        self.successor
    }

    /// Signs a message to a phone.
    ///
    /// # Errors
    /// When the keystore refuses.
    pub async fn sign<T: Canonical + Send + 'static>(&self, ground: &Ground, message: T) -> Result<Signed<T>, PhoneError> {
        let label = KeyLabel::parse(LABEL)?;
        let own = label.clone();
        let sign = move |keystore: &dyn Keystore| {
            Signed::sign(&message, |bytes| {
                let der = keystore.sign(&own, &Digest::of(KeyKind::EcP256, bytes))?;
                Ok::<_, PhoneError>(Signature::from_der("signature", &der)?)
            })
        };
        ground.with_key(&label, sign).await
    }
}
