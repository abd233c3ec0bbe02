//! How a phone gets the secret of its offline codes ([`crate::oath`]): once, by a signature of its key, sealed to that very request. And how
//! it rests on a phone whose keys are in hardware.
//!
//! The device token does not suffice: it would hand out a second factor. A new request makes a new secret, and the old codes are nothing.
//!
//! Keys in a file keep the secret under the PIN (`crate::soft`). Keys in hardware have no PIN: there it is sealed to the phone's own
//! agreement key ([`KeptOffline`]), and the hardware asks the person before it agrees. Whoever copies the file can test nothing against it.

use rand_core::CryptoRngCore;

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::Fault;
use crate::id::PhoneId;
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};
use crate::sealed::{OpenError, Sealed, SharedSecret};
use crate::secret_bytes::Secret;

const DOMAIN: &str = "segl/offline-ask/v1";
const KEPT_DOMAIN: &str = "segl/offline-kept/v1";

/// Signed by the phone's key.
///
/// Bytes: domain `segl/offline-ask/v1`, phone (16), the server's nonce (32), reply key (65).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfflineAsk {
    /// The phone.
    pub phone: PhoneId,
    /// The server's nonce, good for one request.
    pub nonce: [u8; 32],
    /// What the secret is sealed to ([`crate::pin::Delivery::Offline`]).
    pub reply_key: PublicKey,
}

impl Canonical for OfflineAsk {
    const MAX_BYTES: usize = 192;

    fn encode(&self) -> Vec<u8> {
        Writer::new(DOMAIN).field(self.phone.bytes()).field(&self.nonce).field(self.reply_key.sec1()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let (phone, nonce) = (PhoneId(reader.array("phone")?), reader.array("nonce")?);
        let reply_key = PublicKey::from_sec1("reply key", &reader.array::<PUBLIC_KEY_BYTES>("reply key")?)?;
        reader.end()?;
        Ok(Self { phone, nonce, reply_key })
    }
}

/// The secret of offline codes as it rests beside keys in hardware: HPKE to the phone's own agreement key.
///
/// `info` = domain `segl/offline-kept/v1`, phone (as fields); `aad` is empty. So it opens on its own phone only, and never as an opener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptOffline(Sealed);

impl KeptOffline {
    /// Seals `secret` to the agreement key of this phone. Nobody is asked: the public half does.
    pub fn seal(own: &PublicKey, phone: PhoneId, secret: &Secret, random: &mut dyn CryptoRngCore) -> Self {
        Self(Sealed::seal(own, &kept_info(phone), &[], secret, random))
    }

    /// The secret, by the phone's agreement key: `own` is its public half, and `agree` what [`crate::DeviceKey::agree`] does.
    ///
    /// # Errors
    /// [`OpenError`] when the key refuses, or when it was sealed to another key or phone, or was changed.
    pub fn open<E>(
        &self,
        own: &PublicKey,
        phone: PhoneId,
        agree: impl FnOnce(&PublicKey) -> Result<SharedSecret, E>,
    ) -> Result<Secret, OpenError<E>> {
        self.0.open(own, &kept_info(phone), &[], agree)
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`Fault`] when it is no sealed secret.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        Sealed::from_bytes("kept offline secret", bytes).map(Self)
    }

    /// The bytes, for storing.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

fn kept_info(phone: PhoneId) -> Vec<u8> {
    Writer::new(KEPT_DOMAIN).field(phone.bytes()).bytes()
}
