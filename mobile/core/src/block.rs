//! How one phone blocks another of the same person, and how it removes itself: by a signature of its key, over the names.
//!
//! Either can be sent again as often as anybody likes: a phone ends once and for good, and its name is never given again.

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;

const DOMAIN: &str = "segl/block-phone/v1";
const REMOVAL_DOMAIN: &str = "segl/remove-phone/v1";

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

/// Signed by the phone's key: its person uses it no more.
///
/// Bytes: domain `segl/remove-phone/v1`, phone (16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The phone that ends itself.
    pub phone: PhoneId,
}

impl Canonical for Removal {
    const MAX_BYTES: usize = 64;

    fn encode(&self) -> Vec<u8> {
        Writer::new(REMOVAL_DOMAIN).field(self.phone.bytes()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(REMOVAL_DOMAIN, bytes, Self::MAX_BYTES)?;
        let phone = PhoneId(reader.array("phone")?);
        reader.end()?;
        Ok(Self { phone })
    }
}
