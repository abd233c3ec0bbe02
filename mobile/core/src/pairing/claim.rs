//! What a phone claims: these keys are mine. And what the service answers: these I have written down.

use rand_core::CryptoRngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::offer::plain_text;
use super::{PHONE_NAME_CHARACTERS, TokenKeys};
use crate::bytes::{Canonical, Reader, Writer};
use crate::device_key::{PhoneKeys, Protection};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;
use crate::public_key::{PUBLIC_KEY_BYTES, PublicKey};
use crate::sealed::{OpenError, SEALED_BYTES, Sealed, SharedSecret};
use crate::secret_bytes::Secret;
use crate::signed::{Signed, SignedError};

const CLAIM_DOMAIN: &str = "segl/pair-claim/v1";
const REGISTERED_DOMAIN: &str = "segl/pair-registered/v1";

/// Signed by the phone's new signing key, and tagged under the token.
///
/// Bytes: domain `segl/pair-claim/v1`, pin of the identity key (32), lookup name (16), phone (16), signing point and agreement point (65
/// each), PIN key (65, or absent where the system guards the keys), protection (its word), attestation (SHA-256 over the certificates,
/// each as a field; or absent), name of the phone (plain text of 64 characters).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The identity key that the phone talks to: a claim made to one service is none to another.
    pub pin: [u8; 32],
    /// The pairing.
    pub lookup: [u8; 16],
    /// The phone, as the offer named it.
    pub phone: PhoneId,
    /// Its keys.
    pub keys: PhoneKeys,
    /// What proves the PIN.
    pub pin_key: Option<PublicKey>,
    /// Where the keys rest, as the phone says.
    pub protection: Protection,
    /// H(attestation).
    pub attestation: Option<[u8; 32]>,
    /// What the person calls it.
    pub name: String,
}

impl Claim {
    /// SHA-256 over certificates, each as a field.
    #[must_use]
    pub fn attestation_hash(certificates: &[Vec<u8>]) -> [u8; 32] {
        let empty = Writer::new("segl/attestation/v1");
        Sha256::digest(certificates.iter().fold(empty, |writer, certificate| writer.field(certificate)).bytes()).into()
    }
}

impl Signed<Claim> {
    /// SHA-256 of the claim.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.bytes()).into()
    }

    /// HMAC-SHA256 over domain `segl/pair-claim/v1` and H(claim), as fields, under the token.
    #[must_use]
    pub fn tag(&self, keys: &TokenKeys) -> [u8; 32] {
        keys.mac(&Writer::new(CLAIM_DOMAIN).field(&self.hash()).bytes())
    }

    /// The claim, if it is signed by the key that it claims, tagged under this token, made to this identity key and for this phone.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn judge(&self, keys: &TokenKeys, tag: &[u8; 32], pin: &[u8; 32], phone: PhoneId) -> Result<Claim, Fault> {
        if !bool::from(self.tag(keys).ct_eq(tag)) {
            return Err(Rule::Misfit.at("tag"));
        }
        let claim = Claim::decode(self.bytes())?;
        self.open(&claim.keys.sign).map_err(|_| Rule::NotSignature.at("signature"))?;
        let fits = [("pin", claim.pin == *pin), ("lookup", claim.lookup == keys.lookup), ("phone", claim.phone == phone)];
        fits.into_iter().find(|(_, fits)| !fits).map_or(Ok(claim), |(field, _)| Err(Rule::Misfit.at(field)))
    }
}

impl Canonical for Claim {
    const MAX_BYTES: usize = 1024;

    fn encode(&self) -> Vec<u8> {
        let head = Writer::new(CLAIM_DOMAIN).field(&self.pin).field(&self.lookup).field(self.phone.bytes());
        let keys = head.field(self.keys.sign.sec1()).field(self.keys.agree.sec1());
        let guarded = keys.optional(self.pin_key.as_ref().map(|key| &key.sec1()[..])).field(self.protection.word().as_bytes());
        guarded.optional(self.attestation.as_ref().map(<[u8; 32]>::as_slice)).field(self.name.as_bytes()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(CLAIM_DOMAIN, bytes, Self::MAX_BYTES)?;
        let (pin, lookup, phone) = (reader.array("pin")?, reader.array("lookup")?, PhoneId(reader.array("phone")?));
        let keys = phone_keys(&mut reader)?;
        let pin_key = reader.optional::<PUBLIC_KEY_BYTES>("PIN key")?;
        let pin_key = pin_key.map(|key| PublicKey::from_sec1("PIN key", &key)).transpose()?;
        let protection = Protection::from_word(reader.text("protection", 32)?).ok_or(Rule::Unknown.at("protection"))?;
        let attestation = reader.optional("attestation")?;
        let name = plain_text(&mut reader, "name", PHONE_NAME_CHARACTERS)?;
        reader.end()?;
        let guarded = protection != Protection::SoftwarePin || pin_key.is_some();
        if !guarded {
            return Err(Rule::Absent.at("PIN key"));
        }
        Ok(Self { pin, lookup, phone, keys, pin_key, protection, attestation, name })
    }
}

/// Both points; one key for both uses is refused.
pub(super) fn phone_keys(reader: &mut Reader<'_>) -> Result<PhoneKeys, Fault> {
    let mut point = |name| PublicKey::from_sec1(name, &reader.array::<PUBLIC_KEY_BYTES>(name)?);
    let keys = PhoneKeys { sign: point("signing key")?, agree: point("agreement key")? };
    if keys.sign == keys.agree { Err(Rule::Misfit.at("agreement key")) } else { Ok(keys) }
}

/// Signed by the identity key: the claim is written down, and these are the digits' nonce and the challenge.
///
/// Bytes: domain `segl/pair-registered/v1`, H(claim) (32), nonce (32), challenge (113, sealed to the agreement key).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// H(claim).
    pub claim: [u8; 32],
    /// Made after the claim came.
    pub nonce: [u8; 32],
    /// What only the agreement key opens.
    pub challenge: Sealed,
}

impl Signed<Registered> {
    /// The answer, if the service with this identity key wrote down the claim with this hash: only then the phone shows digits.
    ///
    /// # Errors
    /// [`SignedError`].
    pub fn verify(&self, identity: &PublicKey, claim: &[u8; 32]) -> Result<Registered, SignedError> {
        let registered = self.open(identity)?;
        if registered.claim == *claim { Ok(registered) } else { Err(Rule::Misfit.at("claim").into()) }
    }
}

impl Canonical for Registered {
    const MAX_BYTES: usize = 512;

    fn encode(&self) -> Vec<u8> {
        Writer::new(REGISTERED_DOMAIN).field(&self.claim).field(&self.nonce).field(self.challenge.bytes()).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(REGISTERED_DOMAIN, bytes, Self::MAX_BYTES)?;
        let (claim, nonce) = (reader.array("claim")?, reader.array("nonce")?);
        let challenge = Sealed::from_bytes("challenge", &reader.array::<SEALED_BYTES>("challenge")?)?;
        reader.end()?;
        Ok(Self { claim, nonce, challenge })
    }
}

/// Seals a random challenge to the agreement key: `info` = domain `segl/agree-proof/v1` and phone, `aad` = H(claim).
pub fn agree_challenge(claim: &Claim, hash: &[u8; 32], challenge: &Secret, random: &mut dyn CryptoRngCore) -> Sealed {
    Sealed::seal(&claim.keys.agree, &challenge_info(claim.phone), hash, challenge, random)
}

/// Opens the challenge with the agreement key, as [`crate::DeviceKey::agree`] does.
///
/// # Errors
/// [`OpenError`].
pub fn open_agree_challenge<E>(
    registered: &Registered,
    claim: &Claim,
    agree: impl FnOnce(&PublicKey) -> Result<SharedSecret, E>,
) -> Result<Secret, OpenError<E>> {
    registered.challenge.open(&claim.keys.agree, &challenge_info(claim.phone), &registered.claim, agree)
}

/// The answer to an opened challenge: SHA-256 over domain `segl/agree-answer/v1` and challenge. The service keeps this and not the
/// challenge.
#[must_use]
pub fn agree_answer(challenge: &Secret) -> [u8; 32] {
    Sha256::digest(Writer::new("segl/agree-answer/v1").field(challenge.expose()).bytes()).into()
}

fn challenge_info(phone: PhoneId) -> Vec<u8> {
    Writer::new("segl/agree-proof/v1").field(phone.bytes()).bytes()
}

/// The six digits on both screens: the first eight bytes of HMAC-SHA256 under the token, over domain `segl/pair-digits/v1`, pin, both
/// points and the nonce of [`Registered`] (as fields), modulo a million.
#[must_use]
pub fn digits(keys: &TokenKeys, pin: &[u8; 32], phone: &PhoneKeys, nonce: &[u8; 32]) -> String {
    let fields = Writer::new("segl/pair-digits/v1").field(pin).field(phone.sign.sec1()).field(phone.agree.sec1()).field(nonce);
    let mac = keys.mac(&fields.bytes());
    let value = mac.iter().take(8).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
    format!("{:06}", value % 1_000_000)
}
