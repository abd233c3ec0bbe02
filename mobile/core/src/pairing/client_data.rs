//! What an iPhone's app has Apple vouch for. The Secure Enclave attests no key of an app's own: App Attest vouches for the app on this device, and
//! for 32 bytes that the app names. Those are the hash of this: so the app says, under Apple's name, which keys it made, and for which pairing.

use sha2::{Digest, Sha256};

use super::claim::phone_keys;
use crate::bytes::{Canonical, Reader, Writer};
use crate::device_key::PhoneKeys;
use crate::fault::Fault;

const DOMAIN: &str = "segl/app-attest/v1";

/// Bytes: domain `segl/app-attest/v1`, the attestation challenge of the pairing (32), signing point, agreement point (65 each).
///
/// With the attestation go two items: Apple's object, and these bytes. They are no secret once the pairing is there, and who checks the evidence
/// later has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientData {
    /// What follows from the token of this pairing ([`super::TokenKeys`]).
    pub challenge: [u8; 32],
    /// The keys that the app made.
    pub keys: PhoneKeys,
}

impl ClientData {
    /// SHA-256 of the bytes: what Apple calls `clientDataHash`.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.encode()).into()
    }
}

impl Canonical for ClientData {
    const MAX_BYTES: usize = 256;

    fn encode(&self) -> Vec<u8> {
        let head = Writer::new(DOMAIN).field(&self.challenge);
        head.field(self.keys.sign.sec1()).field(self.keys.agree.sec1()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let challenge = reader.array("challenge")?;
        let keys = phone_keys(&mut reader)?;
        reader.end()?;
        Ok(Self { challenge, keys })
    }
}
