//! What a person decided, signed by the phone's key.
//!
//! # Bytes, version 1
//!
//! | field | content |
//! |---|---|
//! | domain | `segl/decision/v1` |
//! | payload | H(payload), 32 bytes |
//! | decision | `approve`, `reject` or `not-me` |
//! | proof | the two digits that were typed, or the 16 bytes of the QR; with `reject` and `not-me` empty |
//! | phone | UUID, 16 bytes |
//! | release | H(release), 32 bytes, zeros when none; of several, the hash of all ([`crate::release::Release::hash_of`]) |
//!
//! An approval has a proof, the others have none, and only an approval has a release. The same decision sent twice has the same first six
//! fields; an ES256 signature is no identifier, so the server knows a repetition by H(payload) and phone.

mod number;
mod scan;

pub use number::{Number, Proof, QR_BYTES, QrSecret};
pub use scan::Scan;

use crate::bytes::{Canonical, Reader, Writer};
use crate::device_key::{DeviceKey, DeviceKeyError, UserAuth};
use crate::fault::{Fault, Rule};
use crate::id::PhoneId;
use crate::signed::Signed;

const DOMAIN: &str = "segl/decision/v1";
/// Wrong numbers until a request is over.
pub const NUMBER_TRIES: u8 = 3;
const NO_RELEASE: [u8; 32] = [0; 32];

/// What the person chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, with what the other screen shows, and H(release) where a secret goes along.
    Approve {
        /// What was typed or scanned.
        proof: Proof,
        /// H(release).
        release: Option<[u8; 32]>,
    },
    /// No, and more: "this was not me".
    NotMe,
    /// No.
    Reject,
}

/// What was decided about one payload, on one phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// H(payload).
    pub payload: [u8; 32],
    /// The choice.
    pub verdict: Verdict,
    /// The phone.
    pub phone: PhoneId,
}

/// What the server showed on the page that started the request.
pub struct Shown<'a> {
    /// The two digits.
    pub number: &'a Number,
    /// What the QR beside them holds.
    pub qr: &'a QrSecret,
}

/// Why a decision does not answer a request. A wrong number is counted by the server, the others are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It is about another payload.
    #[error("the decision is about another request")]
    OtherPayload,
    /// It names another phone than the one whose key signed it.
    #[error("the decision names another phone")]
    OtherPhone,
    /// Another release came with it, or one came where none belongs, or none where one does.
    #[error("the release is not the one that was decided on")]
    OtherRelease,
    /// It is not what the page showed.
    #[error("the number is not the one on the page")]
    WrongNumber,
}

impl Decision {
    /// Signs the decision with the phone's key, which asks the person.
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    pub fn sign(&self, key: &dyn DeviceKey, auth: UserAuth<'_>) -> Result<Signed<Self>, DeviceKeyError> {
        Signed::sign(self, |bytes| key.sign(bytes, auth))
    }

    /// Judges whether this decision, already verified by the phone's key, answers the request with this H(payload), asked on this phone,
    /// with this H(release) beside it.
    ///
    /// # Errors
    /// [`Unanswered`]; the number is judged last, so that nothing is counted as a guess that could not have been right.
    pub fn answers(&self, payload: &[u8; 32], phone: PhoneId, release: Option<&[u8; 32]>, shown: &Shown<'_>) -> Result<(), Unanswered> {
        if self.payload != *payload {
            return Err(Unanswered::OtherPayload);
        }
        if self.phone != phone {
            return Err(Unanswered::OtherPhone);
        }
        let (proof, decided) = match &self.verdict {
            Verdict::Approve { proof, release } => (Some(proof), release.as_ref()),
            Verdict::NotMe | Verdict::Reject => (None, None),
        };
        if decided != release {
            return Err(Unanswered::OtherRelease);
        }
        let right = proof.is_none_or(|proof| proof.fits(shown.number, shown.qr));
        if right { Ok(()) } else { Err(Unanswered::WrongNumber) }
    }
}

impl Canonical for Decision {
    const MAX_BYTES: usize = 256;

    fn encode(&self) -> Vec<u8> {
        let (word, proof, release) = match &self.verdict {
            Verdict::Approve { proof, release } => ("approve", proof.bytes(), release.unwrap_or(NO_RELEASE)),
            Verdict::NotMe => ("not-me", &[][..], NO_RELEASE),
            Verdict::Reject => ("reject", &[][..], NO_RELEASE),
        };
        let choice = Writer::new(DOMAIN).field(&self.payload).field(word.as_bytes()).field(proof);
        choice.field(self.phone.bytes()).field(&release).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut reader = Reader::new(DOMAIN, bytes, Self::MAX_BYTES)?;
        let payload = reader.array("payload")?;
        let word = reader.text("decision", 16)?;
        let proof = reader.field("proof", QR_BYTES)?;
        let phone = PhoneId(reader.array("phone")?);
        let release = Some(reader.array::<32>("release")?).filter(|hash| *hash != NO_RELEASE);
        reader.end()?;
        let verdict = match word {
            "approve" => Verdict::Approve { proof: Proof::from_bytes(proof)?, release },
            "not-me" => Verdict::NotMe,
            "reject" => Verdict::Reject,
            _ => return Err(Rule::Unknown.at("decision")),
        };
        let refuses = matches!(verdict, Verdict::NotMe | Verdict::Reject);
        if refuses && !proof.is_empty() {
            return Err(Rule::Misfit.at("proof"));
        }
        if refuses && release.is_some() {
            return Err(Rule::Misfit.at("release"));
        }
        Ok(Self { payload, verdict, phone })
    }
}
