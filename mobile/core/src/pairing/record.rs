//! The pairing, written down for good and signed by the identity key: whose phone, which keys, since when.

use super::claim::phone_keys;
use super::offer::plain_text;
use crate::bytes::{Canonical, Reader, Writer};
use crate::device_key::{PhoneKeys, Protection};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;
use crate::payload::NAME_CHARACTERS;
use crate::public_key::PublicKey;
use crate::signed::{Signed, SignedError};

const DOMAIN: &str = "segl/pairing-record/v1";

/// Signed by the identity key when the person has confirmed. It is in the audit, on the phone, and in every piece of evidence.
///
/// Bytes: domain `segl/pairing-record/v1`, phone (16), service, account, company (plain text of 120 characters each), signing point and
/// agreement point (65 each), protection (the word of what was verified, not of what was claimed), attestation (H, or absent),
/// confirmation (SHA-256 of what the server holds of password and card, or of the approval by an older phone), paired and usable from
/// (Unix milliseconds each).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairingRecord {
    /// The phone.
    pub phone: PhoneId,
    /// The service.
    pub service: String,
    /// The user id.
    pub account: String,
    /// The company.
    pub company: String,
    /// The phone's keys.
    pub keys: PhoneKeys,
    /// Where they rest.
    pub protection: Protection,
    /// H(attestation), as in the claim.
    pub attestation: Option<[u8; 32]>,
    /// Hash of how the person confirmed.
    pub confirmation: [u8; 32],
    /// When, in Unix milliseconds.
    pub paired_ms: u64,
    /// From when it may sign, in Unix milliseconds.
    pub usable_ms: u64,
}

impl Signed<PairingRecord> {
    /// The record, if the service with this identity key wrote down this phone with these keys.
    ///
    /// # Errors
    /// [`SignedError`].
    pub fn verify(&self, identity: &PublicKey, phone: PhoneId, keys: &PhoneKeys) -> Result<PairingRecord, SignedError> {
        let record = self.open(identity)?;
        let own = record.phone == phone && record.keys == *keys;
        if own { Ok(record) } else { Err(Rule::Misfit.at("phone").into()) }
    }
}

impl Canonical for PairingRecord {
    const MAX_BYTES: usize = 4096;

    fn encode(&self) -> Vec<u8> {
        let head = Writer::new(DOMAIN).field(self.phone.bytes()).field(self.service.as_bytes()).field(self.account.as_bytes());
        let keys = head.field(self.company.as_bytes()).field(self.keys.sign.sec1()).field(self.keys.agree.sec1());
        let rest = keys.field(self.protection.word().as_bytes()).optional(self.attestation.as_ref().map(<[u8; 32]>::as_slice));
        rest.field(&self.confirmation).number(self.paired_ms).number(self.usable_ms).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let record = Self {
            phone: PhoneId(reader.array("phone")?),
            service: plain_text(&mut reader, "service", NAME_CHARACTERS)?,
            account: plain_text(&mut reader, "account", NAME_CHARACTERS)?,
            company: plain_text(&mut reader, "company", NAME_CHARACTERS)?,
            keys: phone_keys(&mut reader)?,
            protection: Protection::from_word(reader.text("protection", 32)?).ok_or(Rule::Unknown.at("protection"))?,
            attestation: reader.optional("attestation")?,
            confirmation: reader.array("confirmation")?,
            paired_ms: reader.number("paired")?,
            usable_ms: reader.number("usable")?,
        };
        reader.end()?;
        if record.usable_ms < record.paired_ms {
            return Err(Rule::Misfit.at("usable"));
        }
        Ok(record)
    }
}
