//! A message and a signature over its canonical bytes. Nothing of it can be read before the signature has been verified.

use std::marker::PhantomData;

use crate::bytes::Canonical;
use crate::fault::{Fault, Rule};
use crate::public_key::{PublicKey, Signature};

/// A message of kind `T` as its bytes, and an ES256 signature over exactly those bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<T> {
    bytes: Vec<u8>,
    signature: Signature,
    kind: PhantomData<fn() -> T>,
}

/// Why a signed message is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// The signature is good, and what it covers breaks a rule.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The signature is not of this key over these bytes.
    #[error("the signature is not of this key over these bytes")]
    Signature,
}

impl<T: Canonical> Signed<T> {
    /// Puts together what came or was stored. Nothing is verified yet: see [`Self::open`].
    ///
    /// # Errors
    /// [`Fault`] when the message is too long for its kind.
    pub fn from_parts(bytes: Vec<u8>, signature: Signature) -> Result<Self, Fault> {
        if bytes.len() > T::MAX_BYTES {
            return Err(Rule::TooLong { bound: T::MAX_BYTES }.at("message"));
        }
        Ok(Self { bytes, signature, kind: PhantomData })
    }

    /// Signs `message` by what `sign` does with its canonical bytes: a keystore, or a phone's key.
    ///
    /// # Errors
    /// The error of `sign`.
    pub fn sign<E>(message: &T, sign: impl FnOnce(&[u8]) -> Result<Signature, E>) -> Result<Self, E> {
        let bytes = message.encode();
        let signature = sign(&bytes)?;
        Ok(Self { bytes, signature, kind: PhantomData })
    }

    /// The message, if `key` signed it.
    ///
    /// # Errors
    /// [`SignedError`]: first the signature is judged, then what it covers.
    pub fn open(&self, key: &PublicKey) -> Result<T, SignedError> {
        if !key.verifies(&self.bytes, &self.signature) {
            return Err(SignedError::Signature);
        }
        T::decode(&self.bytes).map_err(SignedError::Fault)
    }

    /// The canonical bytes, for storing and sending.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The signature, for storing and sending.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}
