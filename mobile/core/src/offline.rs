//! How a phone gets the secret of its offline codes ([`crate::oath`]): once, by a signature of its key, sealed to that very request.
//!
//! The device token does not suffice: it would hand out a second factor. A new request makes a new secret, and the old codes are nothing.

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::Fault;
use crate::id::PhoneId;
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};

const DOMAIN: &str = "segl/offline-ask/v1";

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
