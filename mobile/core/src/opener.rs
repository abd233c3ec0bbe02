//! A phone's opener: the secret of one signing key, sealed to one phone. The server keeps it and sends it only with an approval for
//! signing.
//!
//! `info` = domain `segl/opener/v1`, serial number, phone (as fields); `aad` is empty. So an opener opens for its own certificate and its
//! own phone only, and never as a release.

use rand_core::CryptoRngCore;

use crate::bytes::Writer;
use crate::fault::Fault;
use crate::id::PhoneId;
use crate::public_key::PublicKey;
use crate::sealed::{OpenError, Sealed, SharedSecret};
use crate::secret_bytes::Secret;

const DOMAIN: &str = "segl/opener/v1";

/// The secret of one signing key, sealed to the agreement key of one phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opener(Sealed);

impl Opener {
    /// Seals `secret`, which opens the signing key of the certificate with this serial number, to a phone.
    pub fn seal(to: &PublicKey, serial: &[u8], phone: PhoneId, secret: &Secret, random: &mut dyn CryptoRngCore) -> Self {
        Self(Sealed::seal(to, &info(serial, phone), &[], secret, random))
    }

    /// The secret, by the phone's agreement key: `own` is its public half, and `agree` what [`crate::DeviceKey::agree`] does.
    ///
    /// # Errors
    /// [`OpenError`] when the key refuses, or when this opener is for another certificate or phone, or was changed.
    pub fn open<E>(
        &self,
        own: &PublicKey,
        serial: &[u8],
        phone: PhoneId,
        agree: impl FnOnce(&PublicKey) -> Result<SharedSecret, E>,
    ) -> Result<Secret, OpenError<E>> {
        self.0.open(own, &info(serial, phone), &[], agree)
    }

    /// Reads an opener.
    ///
    /// # Errors
    /// [`Fault`] when it is no sealed secret.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        Sealed::from_bytes("opener", bytes).map(Self)
    }

    /// The bytes, for storing and sending.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

fn info(serial: &[u8], phone: PhoneId) -> Vec<u8> {
    Writer::new(DOMAIN).field(serial).field(phone.bytes()).bytes()
}
