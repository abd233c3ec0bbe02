//! The password opener: from one argon2 result to what is stored and what is compared (`security.md` section 2).
//!
//! `verifier = keystore.hmac(verifier_input(prk))` recognises the password; [`OpenerKey`] seals the 32-octet secret `S` that opens the
//! signing key. Neither tells the other: they are HKDF outputs under different names, and the opener's also needs the keystore's pepper.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Secret32;
use super::sealed::fill_random;

const NONCE: usize = 12;

/// Why an opener does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenerError {
    /// A wrong password, another pepper, another context or a changed byte.
    #[error("the opener does not open")]
    DoesNotOpen,
    /// The system gave no randomness.
    #[error("no randomness for a new opener")]
    Randomness(#[from] openssl::error::ErrorStack),
}

/// What the keystore's `hmac` takes to make or check the stored verifier: HKDF-SHA256(prk, "auth").
///
/// # Errors
/// Never in practice; HKDF refuses only outputs above 8,160 octets.
pub fn verifier_input(prk: &[u8; 32]) -> Result<Secret32, OpenerError> {
    let mut output = Zeroizing::new([0u8; 32]);
    Hkdf::<Sha256>::new(None, prk).expand(b"segl/opener/v1/auth", output.as_mut_slice()).map_err(|_| OpenerError::DoesNotOpen)?;
    Ok(Secret32(output))
}

/// The key that seals `S` under a password.
pub struct OpenerKey(Secret32);

impl OpenerKey {
    /// HKDF-SHA256(prk | pepper, "seal"), where `pepper` is the keystore's HMAC over account and salt.
    ///
    /// # Errors
    /// Never in practice, see [`verifier_input`].
    pub fn derive(prk: &[u8; 32], pepper: &[u8; 32]) -> Result<Self, OpenerError> {
        let mut input = Zeroizing::new([0u8; 64]);
        input[..32].copy_from_slice(prk);
        input[32..].copy_from_slice(pepper);
        let mut output = Zeroizing::new([0u8; 32]);
        Hkdf::<Sha256>::new(None, input.as_slice())
            .expand(b"segl/opener/v1/seal", output.as_mut_slice())
            .map_err(|_| OpenerError::DoesNotOpen)?;
        Ok(Self(Secret32(output)))
    }

    /// Seals `S`: 12 octets of nonce, 32 of ciphertext, 16 of tag. `context` names whose it is.
    ///
    /// # Errors
    /// [`OpenerError::Randomness`].
    pub fn seal(&self, secret: &Secret32, context: &[u8]) -> Result<Vec<u8>, OpenerError> {
        seal(self.0.expose(), secret.expose(), context)
    }

    /// Opens `S` again.
    ///
    /// # Errors
    /// [`OpenerError::DoesNotOpen`].
    pub fn open(&self, sealed: &[u8], context: &[u8]) -> Result<Secret32, OpenerError> {
        let plain = open(self.0.expose(), sealed, context)?;
        let octets = <[u8; 32]>::try_from(plain.as_slice()).map(Zeroizing::new);
        octets.map(Secret32).map_err(|_| OpenerError::DoesNotOpen)
    }
}

/// AES-256-GCM with a random nonce in front. Each key here seals a handful of times in its life.
pub(super) fn seal(key: &[u8; 32], plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, OpenerError> {
    let mut sealed = vec![0u8; NONCE];
    fill_random(&mut sealed)?;
    let ciphertext = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(key))
        .encrypt(Nonce::from_slice(&sealed), Payload { msg: plain, aad })
        .map_err(|_| OpenerError::DoesNotOpen)?;
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

pub(super) fn open(key: &[u8; 32], sealed: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenerError> {
    let (nonce, ciphertext) = sealed.split_at_checked(NONCE).ok_or(OpenerError::DoesNotOpen)?;
    let payload = Payload { msg: ciphertext, aad };
    Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(key))
        .decrypt(Nonce::from_slice(nonce), payload)
        .map(Zeroizing::new)
        .map_err(|_| OpenerError::DoesNotOpen)
}
