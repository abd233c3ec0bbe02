//! How a phone collects its token: by its signing key, so that whoever saw the QR, and even claimed the page's patience, gets nothing.
//!
//! It is signed once for a pairing and sent with each question, since hardware asks the person for each signature and a phone polls. Sent
//! again by anybody else it gives him nothing: the token is sealed to the reply key.

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};
use crate::signed::{Signed, SignedError};

const DOMAIN: &str = "segl/pair-collect/v1";

/// Signed by the phone's new signing key.
///
/// Bytes: domain `segl/pair-collect/v1`, lookup name (16), phone (16), reply key (65).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collect {
    /// The pairing.
    pub lookup: [u8; 16],
    /// The phone, as the offer named it.
    pub phone: PhoneId,
    /// What the device token is sealed to ([`crate::pin::Delivery::DeviceToken`]).
    pub reply_key: PublicKey,
}

impl Signed<Collect> {
    /// The reply key, if the phone with this signing key asks for this pairing.
    ///
    /// # Errors
    /// [`SignedError`].
    pub fn verify(&self, key: &PublicKey, lookup: &[u8; 16], phone: PhoneId) -> Result<PublicKey, SignedError> {
        let asked = self.open(key)?;
        if asked.lookup != *lookup {
            return Err(Rule::Misfit.at("lookup").into());
        }
        if asked.phone == phone { Ok(asked.reply_key) } else { Err(Rule::Misfit.at("phone").into()) }
    }
}

impl Canonical for Collect {
    const MAX_BYTES: usize = 192;

    fn encode(&self) -> Vec<u8> {
        Writer::new(DOMAIN).field(&self.lookup).field(self.phone.bytes()).field(self.reply_key.sec1()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let (lookup, phone) = (reader.array("lookup")?, PhoneId(reader.array("phone")?));
        let reply_key = PublicKey::from_sec1("reply key", &reader.array::<PUBLIC_KEY_BYTES>("reply key")?)?;
        reader.end()?;
        Ok(Self { lookup, phone, reply_key })
    }
}
