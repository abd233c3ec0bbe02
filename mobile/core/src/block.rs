//! How one phone blocks another of the same person: by a signature of its key, over both names.
//!
//! It can be sent again as often as anybody likes: a phone is blocked once and for good, and its name is never given again.

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;

const DOMAIN: &str = "segl/block-phone/v1";

/// Signed by the phone's key.
///
/// Bytes: domain `segl/block-phone/v1`, phone (16), lost phone (16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The phone that asks.
    pub phone: PhoneId,
    /// The phone that is lost: another one.
    pub lost: PhoneId,
}

impl Canonical for Block {
    const MAX_BYTES: usize = 96;

    fn encode(&self) -> Vec<u8> {
        Writer::new(DOMAIN).field(self.phone.bytes()).field(self.lost.bytes()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let (phone, lost) = (PhoneId(reader.array("phone")?), PhoneId(reader.array("lost phone")?));
        reader.end()?;
        if phone == lost { Err(Rule::Misfit.at("lost phone")) } else { Ok(Self { phone, lost }) }
    }
}
