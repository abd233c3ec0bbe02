//! What the service says to a phone that knows the token: whom it would sign for.

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;
use crate::payload::NAME_CHARACTERS;
use crate::plain;
use crate::public_key::PublicKey;
use crate::sealed::{SEALED_BYTES, Sealed};
use crate::signed::{Signed, SignedError};

const DOMAIN: &str = "segl/pair-offer/v1";

/// What a tag is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Asking for the offer.
    Begin,
    /// Asking how it stands.
    Status,
}

impl Step {
    pub(super) fn domain(self) -> &'static str {
        match self {
            Self::Begin => "segl/pair-begin/v1",
            Self::Status => "segl/pair-status/v1",
        }
    }
}

/// Signed by the identity key.
///
/// Bytes: domain `segl/pair-offer/v1`, nonce of the question (32), phone (16), service, company, name, account (plain text of 120
/// characters each), successor of the identity key (32, or absent), expires (Unix milliseconds), share (113, sealed to the reply key of
/// the question).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The question's.
    pub nonce: [u8; 32],
    /// What this pairing is called from now on.
    pub phone: PhoneId,
    /// The service, as the person knows it.
    pub service: String,
    /// The company.
    pub company: String,
    /// The person's name.
    pub name: String,
    /// The user id.
    pub account: String,
    /// The thumbprint to pin beside the identity key's.
    pub successor: Option<[u8; 32]>,
    /// Until when, in Unix milliseconds of the service.
    pub expires_ms: u64,
    /// The server's share of the vault key ([`crate::pin`]).
    pub share: Sealed,
}

impl Signed<Offer> {
    /// The offer, if it is signed by the identity key whose thumbprint the invitation (or the code's MAC) gave, and answers this question.
    ///
    /// # Errors
    /// [`SignedError`].
    pub fn verify(&self, identity: &PublicKey, pin: &[u8; 32], nonce: &[u8; 32]) -> Result<Offer, SignedError> {
        if identity.thumbprint() != *pin {
            return Err(SignedError::Signature);
        }
        let offer = self.open(identity)?;
        if offer.nonce == *nonce { Ok(offer) } else { Err(Rule::Misfit.at("nonce").into()) }
    }
}

impl Canonical for Offer {
    const MAX_BYTES: usize = 4096;

    fn encode(&self) -> Vec<u8> {
        let head = Writer::new(DOMAIN).field(&self.nonce).field(self.phone.bytes());
        let texts = [&self.service, &self.company, &self.name, &self.account];
        let named = texts.into_iter().fold(head, |writer, text| writer.field(text.as_bytes()));
        let successor = self.successor.as_ref().map(<[u8; 32]>::as_slice);
        named.optional(successor).number(self.expires_ms).field(self.share.bytes()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let offer = Self {
            nonce: reader.array("nonce")?,
            phone: PhoneId(reader.array("phone")?),
            service: plain_text(&mut reader, "service", NAME_CHARACTERS)?,
            company: plain_text(&mut reader, "company", NAME_CHARACTERS)?,
            name: plain_text(&mut reader, "name", NAME_CHARACTERS)?,
            account: plain_text(&mut reader, "account", NAME_CHARACTERS)?,
            successor: reader.optional("successor")?,
            expires_ms: reader.number("expires")?,
            share: Sealed::from_bytes("share", &reader.array::<SEALED_BYTES>("share")?)?,
        };
        reader.end()?;
        Ok(offer)
    }
}

pub(super) fn plain_text(reader: &mut Reader<'_>, name: &'static str, characters: usize) -> Result<String, Fault> {
    let text = reader.text(name, 4 * characters)?;
    plain::judge(name, text, characters)?;
    Ok(text.to_owned())
}
