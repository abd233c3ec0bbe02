//! How a paired phone names itself in each request: `Authorization: Bearer PHONE.TOKEN`, the phone's UUID and 32 random bytes.
//!
//! The token is made by the service when the pairing is confirmed, sealed to the phone, and kept hashed. A signature of the phone's key
//! with each request would be stronger and is not used: hardware keys ask the person each time, and a phone polls.
//!
//! | who has the token | can | cannot |
//! |---|---|---|
//! | alone | read what waits and what was (titles, networks), use up tries of the PIN, rename, extend a request, hold a place in the event stream, say how the phone is woken (with "look", and nothing else) | approve, refuse, say "not me", or end this phone or another (the signing key does); get the share (the PIN does); open an opener that it reads |
//!
//! So a stolen token harms privacy and rest, not signatures. Blocking the phone ends it; a phone that notices can have it renewed by
//! pairing anew.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::bytes::Writer;
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;
use crate::secret_bytes::Secret;

const UUID_CHARACTERS: usize = 36;
const TOKEN_CHARACTERS: usize = 43;

/// A phone and its token.
#[derive(Clone)]
pub struct Bearer {
    /// The phone.
    pub phone: PhoneId,
    /// Its token.
    pub token: Secret,
}

impl Bearer {
    /// What the service keeps: SHA-256 over domain `segl/device-token/v1`, phone and token, as fields.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        let fields = Writer::new("segl/device-token/v1").field(self.phone.bytes()).field(self.token.expose());
        Sha256::digest(Zeroizing::new(fields.bytes()).as_slice()).into()
    }

    /// Whether this is the token whose hash was kept, in constant time.
    #[must_use]
    pub fn is(&self, kept: &[u8; 32]) -> bool {
        self.hash().ct_eq(kept).into()
    }

    /// What follows `Bearer ` in the header.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let token = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.token.expose()));
        Zeroizing::new(format!("{}.{}", self.phone, *token))
    }
}

impl FromStr for Bearer {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let expected = UUID_CHARACTERS + 1 + TOKEN_CHARACTERS;
        if text.len() != expected {
            return Err(Rule::WrongLength { expected }.at("bearer"));
        }
        let (phone, token) = text.split_once('.').ok_or(Rule::Unknown.at("bearer"))?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(token).map_err(|_| Rule::NotBase64.at("bearer"))?);
        let token: [u8; 32] = bytes.as_slice().try_into().map_err(|_| Rule::WrongLength { expected: 32 }.at("bearer"))?;
        Ok(Self { phone: phone.parse()?, token: Secret::new(token) })
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Bearer({}, ..)", self.phone)
    }
}
