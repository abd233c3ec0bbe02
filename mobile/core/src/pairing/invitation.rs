//! The QR: `segl-pair:1?a=ADDRESS&i=PIN&t=TOKEN`, the last two in base64url. And what follows from a token, on both sides.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Address, Step};
use crate::bytes::Writer;
use crate::fault::{Fault, Rule};
use crate::public_key::PublicKey;

const HEAD: &str = "segl-pair:1?";
const LONGEST_BYTES: usize = 512;
/// Bytes of a token.
pub const TOKEN_BYTES: usize = 16;

/// What the QR holds.
pub struct Invitation {
    /// Where the service is.
    pub address: Address,
    /// SHA-256 of the identity key's SubjectPublicKeyInfo.
    pub pin: [u8; 32],
    /// Good once.
    pub token: Token,
}

impl Invitation {
    /// Reads what was scanned, or pasted with blanks around.
    ///
    /// # Errors
    /// [`Fault`]. The fields stand in one order, each once, and nothing else stands there.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        if text.len() > LONGEST_BYTES {
            return Err(Rule::TooLong { bound: LONGEST_BYTES }.at("invitation"));
        }
        let fields = text.strip_prefix(HEAD).ok_or(Rule::Unknown.at("invitation"))?;
        let (address, rest) = fields.split_once("&i=").ok_or(Rule::Absent.at("pin"))?;
        let (pin, token) = rest.split_once("&t=").ok_or(Rule::Absent.at("token"))?;
        let address = address.strip_prefix("a=").ok_or(Rule::Absent.at("address"))?;
        let (pin, token) = (exact("pin", pin)?, exact("token", token)?);
        Ok(Self { address: Address::parse(address)?, pin, token: Token::new(token) })
    }

    /// What the QR shows.
    #[must_use]
    pub fn text(&self) -> String {
        let (pin, token) = (URL_SAFE_NO_PAD.encode(self.pin), URL_SAFE_NO_PAD.encode(self.token.0));
        format!("{HEAD}a={}&i={pin}&t={token}", self.address)
    }
}

fn exact<const N: usize>(field: &'static str, text: &str) -> Result<[u8; N], Fault> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Rule::NotBase64.at(field))?;
    bytes.try_into().map_err(|_| Rule::WrongLength { expected: N }.at(field))
}

/// 128 random bits of an invitation, or those that follow from a typed code. Not printed by accident, wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Token([u8; TOKEN_BYTES]);

impl Token {
    /// Takes 16 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; TOKEN_BYTES]) -> Self {
        Self(bytes)
    }

    /// What follows from the token: all that either side uses, and all that the service keeps of it.
    #[must_use]
    pub fn keys(&self) -> TokenKeys {
        let mut keys = TokenKeys { lookup: [0; 16], mac_key: [0; 32], challenge: [0; 32] };
        expand(&self.0, "segl/pair-lookup/v1", &mut keys.lookup);
        expand(&self.0, "segl/pair-mac/v1", &mut keys.mac_key);
        expand(&self.0, "segl/attestation/v1", &mut keys.challenge);
        keys
    }
}

/// What follows from a token: HKDF-SHA256 of it, without salt, under one label each.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TokenKeys {
    /// The name of the pairing between phone and service (`segl/pair-lookup/v1`). No secret.
    pub lookup: [u8; 16],
    /// Keys the tags (`segl/pair-mac/v1`). Secret.
    pub mac_key: [u8; 32],
    /// The attestation challenge (`segl/attestation/v1`): it ties what the hardware says to this pairing, and tells nothing of the token.
    pub challenge: [u8; 32],
}

impl TokenKeys {
    /// HMAC-SHA256 over the step's domain, the nonce and the reply key, as fields: whoever asks knows the token.
    #[must_use]
    pub fn tag(&self, step: Step, nonce: &[u8; 32], reply_key: &PublicKey) -> [u8; 32] {
        self.mac(&Writer::new(step.domain()).field(nonce).field(reply_key.sec1()).bytes())
    }

    /// Judges such a tag in constant time.
    #[must_use]
    pub fn tagged(&self, step: Step, nonce: &[u8; 32], reply_key: &PublicKey, tag: &[u8; 32]) -> bool {
        self.tag(step, nonce, reply_key).ct_eq(tag).into()
    }

    pub(super) fn mac(&self, message: &[u8]) -> [u8; 32] {
        mac(&self.mac_key, message)
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenKeys(..)")
    }
}

#[expect(clippy::expect_used, reason = "HKDF-SHA256 gives up to 8,160 bytes (RFC 5869 section 2.3)")]
pub(super) fn expand(secret: &[u8], label: &str, output: &mut [u8]) {
    Hkdf::<Sha256>::new(None, secret).expand(label.as_bytes(), output).expect("at most 32 bytes are asked for");
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length (RFC 2104 section 2)")]
pub(super) fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length").chain_update(message).finalize().into_bytes().into()
}
