//! The PIN of keys in a file, and how the server knows it is right without knowing it.
//!
//! # The argument
//!
//! `prk = argon2id(PIN, salt)`, the salt being 16 random bytes that never leave the phone's file. From `prk` follow the **PIN key** (a
//! P-256 key pair, `HKDF(prk, "segl/pin/v1")`) and, with the server's 32 random bytes (**share**), the vault key: `HKDF(prk, salt =
//! share, "segl/vault/v1")`. The server keeps the PIN key's public half only as an HMAC under its keystore, and the share sealed there.
//! To get the share, the phone shows the PIN key and signs the server's fresh nonce with it. Five wrong keys or proofs in a row, counted
//! by the server in a guarded row before it looks, and the share is gone for good: the phone pairs anew.
//!
//! | who has | can | cannot |
//! |---|---|---|
//! | the phone's file | try a PIN at the server, five times, with the device token | test a guess alone: nothing to hold it against |
//! | the database | nothing | prove a PIN, guess one: no salt, and only an HMAC |
//! | file and database | the same as with the file | test a guess: the HMAC's key is in the keystore |
//! | database and keystore | learn the share | guess a PIN: no salt |
//! | file, database, keystore | guess PINs at the price of argon2id, then use the keys | |
//! | file, and a live server | the same | |
//! | a live server | keep the share back, or give a false one (the vault does not open) | learn the PIN, or the keys |
//! | a place inside TLS | keep the share back; with the file too, test guesses against a PIN key seen | read the share: it is sealed |
//!
//! A four-digit PIN has ten thousand values: where guesses can be tested it is a hurdle of hours, no more. `software-pin` says so, and
//! policy may refuse it.
//!
//! # Changing it
//!
//! The phone makes a new salt and PIN key, the old PIN proves itself over both ([`PinChange`]), the server holds the new key and a new
//! share as *pending* beside the old ones, the phone writes its new file (atomically) and proves the new PIN; only then the server
//! forgets the old. Whenever it breaks off, either file works, and afterwards an old copy of the file is worthless.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::bytes::{Canonical, Reader, Writer};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};
use crate::sealed::{self, OpenError, Sealed, Unopened};
use crate::secret_bytes::Secret;

/// Wrong proofs in a row until the share is gone.
pub const TRIES: u8 = 5;
const PROOF_DOMAIN: &str = "segl/pin-proof/v1";
const CHANGE_DOMAIN: &str = "segl/pin-change/v1";
const SHARE_DOMAIN: &str = "segl/share/v1";

/// Four to eight digits, neither all the same nor a run up or down by one. Wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Pin(Vec<u8>);

/// Why a text is no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PinError {
    /// It is not four to eight digits.
    #[error("a PIN has four to eight digits")]
    NotDigits,
    /// It is one of the first that anybody tries.
    #[error("a PIN is neither one digit repeated nor digits in a row")]
    TooSimple,
}

impl Pin {
    /// Reads a PIN as typed.
    ///
    /// # Errors
    /// [`PinError`].
    pub fn parse(typed: &str) -> Result<Self, PinError> {
        let digits = typed.as_bytes();
        if !(4..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(PinError::NotDigits);
        }
        let steps = || digits.windows(2).map(|pair| i16::from(pair[1]) - i16::from(pair[0]));
        if [0, 1, -1].into_iter().any(|step| steps().all(|found| found == step)) {
            return Err(PinError::TooSimple);
        }
        Ok(Self(digits.to_vec()))
    }

    /// The digits, for stretching them.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// What the PIN key signs to get the share.
///
/// Bytes: domain `segl/pin-proof/v1`, phone (16), the server's nonce (32), reply key (65): a fresh key of the phone that the share is
/// sealed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinProof {
    /// The phone.
    pub phone: PhoneId,
    /// The server's nonce, good for one try.
    pub nonce: [u8; 32],
    /// What the share is sealed to.
    pub reply_key: PublicKey,
}

impl Canonical for PinProof {
    const MAX_BYTES: usize = 192;

    fn encode(&self) -> Vec<u8> {
        Writer::new(PROOF_DOMAIN).field(self.phone.bytes()).field(&self.nonce).field(self.reply_key.sec1()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(PROOF_DOMAIN, bytes, Self::MAX_BYTES)?;
        let (phone, nonce) = (PhoneId(reader.array("phone")?), reader.array("nonce")?);
        let reply_key = PublicKey::from_sec1("reply key", &reader.array::<PUBLIC_KEY_BYTES>("reply key")?)?;
        reader.end()?;
        Ok(Self { phone, nonce, reply_key })
    }
}

/// What the old PIN key signs to be replaced.
///
/// Bytes: domain `segl/pin-change/v1`, phone (16), the server's nonce (32), new PIN key (65), reply key (65).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinChange {
    /// The phone.
    pub phone: PhoneId,
    /// The server's nonce, good for one try.
    pub nonce: [u8; 32],
    /// The public half of the new PIN key.
    pub pin_key: PublicKey,
    /// What the new share is sealed to.
    pub reply_key: PublicKey,
}

impl Canonical for PinChange {
    const MAX_BYTES: usize = 256;

    fn encode(&self) -> Vec<u8> {
        let head = Writer::new(CHANGE_DOMAIN).field(self.phone.bytes()).field(&self.nonce);
        head.field(self.pin_key.sec1()).field(self.reply_key.sec1()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(CHANGE_DOMAIN, bytes, Self::MAX_BYTES)?;
        let (phone, nonce) = (PhoneId(reader.array("phone")?), reader.array("nonce")?);
        let pin_key = PublicKey::from_sec1("PIN key", &reader.array::<PUBLIC_KEY_BYTES>("PIN key")?)?;
        let reply_key = PublicKey::from_sec1("reply key", &reader.array::<PUBLIC_KEY_BYTES>("reply key")?)?;
        reader.end()?;
        if pin_key == reply_key {
            return Err(Rule::Misfit.at("PIN key"));
        }
        Ok(Self { phone, nonce, pin_key, reply_key })
    }
}

/// What a secret on its way from the server to one phone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The token that the phone names itself with: `info` begins with `segl/device-token/v1`.
    DeviceToken,
    /// The secret of offline codes: `info` begins with `segl/offline/v1`.
    Offline,
    /// The server's share: `info` begins with `segl/share/v1`.
    Share,
}

/// A fresh key of the phone that one answer of the server is sealed to, so that nobody between them reads it. Never stored.
pub struct ReplyKey(p256::SecretKey);

impl ReplyKey {
    /// Draws a key.
    pub fn draw(random: &mut dyn rand_core::CryptoRngCore) -> Self {
        Self(sealed::scalar(|candidate| random.fill_bytes(candidate)))
    }

    /// The public half, which goes along with the request.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey::of(&self.0.public_key())
    }

    /// Opens what [`deliver`] sealed. `nonce` is that of the request.
    ///
    /// # Errors
    /// [`Unopened`].
    pub fn open(&self, delivered: &Sealed, what: Delivery, phone: PhoneId, nonce: &[u8; 32]) -> Result<Secret, Unopened> {
        let agree = |peer: &PublicKey| Ok::<_, Unopened>(sealed::agree(&self.0, peer));
        delivered.open(&self.public(), &info(what, phone), nonce, agree).map_err(|error| match error {
            OpenError::Key(unopened) | OpenError::Unopened(unopened) => unopened,
        })
    }
}

/// Seals a secret to the reply key of the request with this nonce.
pub fn deliver(
    to: &PublicKey,
    what: Delivery,
    phone: PhoneId,
    nonce: &[u8; 32],
    secret: &Secret,
    random: &mut dyn rand_core::CryptoRngCore,
) -> Sealed {
    Sealed::seal(to, &info(what, phone), nonce, secret, random)
}

fn info(what: Delivery, phone: PhoneId) -> Vec<u8> {
    let domain = match what {
        Delivery::DeviceToken => "segl/device-token/v1",
        Delivery::Offline => "segl/offline/v1",
        Delivery::Share => SHARE_DOMAIN,
    };
    Writer::new(domain).field(phone.bytes()).bytes()
}
