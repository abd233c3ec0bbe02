//! The service's identity key, as phones pin it: by the hash of the one in use, and of the one that comes after it.
//!
//! TLS keys come and go with proxies; this one stays. When it is renewed, the phone knows the successor already, and the successor, in
//! its first message, names the next one. A phone that was away follows step by step ([`crate::wire::Identities`]), each vouched for by
//! the one before it; one that finds no step after its own pin pairs anew: it has no way to tell the service from anybody else.

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::Fault;
use crate::public_key::PublicKey;
use crate::signed::{Signed, SignedError};

const DOMAIN: &str = "segl/succession/v1";

/// What a phone holds of the service's identity: SHA-256 of the SubjectPublicKeyInfo, each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pins {
    /// The key in use.
    pub current: [u8; 32],
    /// The one that comes after it, made already and kept apart.
    pub successor: Option<[u8; 32]>,
}

impl Pins {
    /// Whether messages signed by `key` are the service's.
    #[must_use]
    pub fn accept(&self, key: &PublicKey) -> bool {
        let thumbprint = key.thumbprint();
        thumbprint == self.current || self.successor == Some(thumbprint)
    }

    /// The pins after the successor has taken over and named the next.
    ///
    /// # Errors
    /// [`SignedError::Signature`] when `key` is not the successor, or did not sign.
    pub fn succeed(&self, key: &PublicKey, named: &Signed<Succession>) -> Result<Self, SignedError> {
        if self.successor != Some(key.thumbprint()) {
            return Err(SignedError::Signature);
        }
        let named = named.open(key)?;
        Ok(Self { current: key.thumbprint(), successor: named.successor })
    }
}

/// What a new identity key says first: which key comes after it.
///
/// Bytes: domain `segl/succession/v1`, the successor's thumbprint (32, or absent).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Succession {
    /// The next one's thumbprint.
    pub successor: Option<[u8; 32]>,
}

impl Canonical for Succession {
    const MAX_BYTES: usize = 64;

    fn encode(&self) -> Vec<u8> {
        Writer::new(DOMAIN).optional(self.successor.as_ref().map(<[u8; 32]>::as_slice)).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let successor = reader.optional("successor")?;
        reader.end()?;
        Ok(Self { successor })
    }
}
