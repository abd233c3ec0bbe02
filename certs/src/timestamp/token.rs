//! Answering a request (RFC 3161 section 2.4.2): a token signed by the unit's key, or a refusal in the protocol's own words.

use super::Failure;
use super::request::{CertificateWish, Request};
use crate::cms::asn1::{self, BIT_STRING, INTEGER};
use crate::cms::{Certificates, CmsError, SignedAttributes, Signer, identifiers};
use der::asn1::ObjectIdentifier;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// A time-stamping unit: what its tokens say besides the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its certificate, DER, with the critical extended key usage time stamping.
    pub certificate: Vec<u8>,
    /// The further certificates that go into tokens, DER.
    pub chain: Vec<Vec<u8>>,
    /// The policy of its tokens, the only one that it accepts.
    pub policy: ObjectIdentifier,
    /// How far its clock may be off.
    pub accuracy: Accuracy,
}

/// The accuracy of the time, rounded up (RFC 3161 section 2.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// Whole seconds.
    pub seconds: u32,
    /// Thousandths, 0 to 999.
    pub milliseconds: u16,
}

impl Accuracy {
    /// The token does not say it: the field is left out.
    pub const UNTOLD: Self = Self { seconds: 0, milliseconds: 0 };

    /// So many milliseconds either way.
    #[must_use]
    pub fn of_milliseconds(milliseconds: u32) -> Self {
        Self { seconds: milliseconds / 1000, milliseconds: (milliseconds % 1000) as u16 }
    }

    fn to_der(self) -> Vec<u8> {
        let seconds = if self.seconds == 0 { Vec::new() } else { asn1::unsigned(self.seconds.into()) };
        let milliseconds = match self.milliseconds.min(999) {
            0 => Vec::new(),
            some => asn1::element(0x80, &asn1::unsigned(some.into())[2..]),
        };
        if seconds.is_empty() && milliseconds.is_empty() { Vec::new() } else { asn1::sequence(&[&seconds, &milliseconds]) }
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A token was made.
    Granted {
        /// TimeStampResp DER.
        response: Vec<u8>,
        /// The TimeStampToken inside it, DER.
        token: Vec<u8>,
    },
    /// The request was refused.
    Rejected {
        /// TimeStampResp DER.
        response: Vec<u8>,
        /// Why.
        failure: Failure,
    },
}

impl Answer {
    /// The TimeStampResp DER to send, whichever it is.
    #[must_use]
    pub fn into_response(self) -> Vec<u8> {
        match self {
            Self::Granted { response, .. } | Self::Rejected { response, .. } => response,
        }
    }
}

/// A unit with everything encoded that stands alike in each of its tokens, for whoever stamps thousands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedUnit {
    signer: Signer,
    policy: ObjectIdentifier,
}

impl PreparedUnit {
    /// Prepares a unit. Its accuracy is not kept: it is said anew for each token.
    ///
    /// # Errors
    /// [`CmsError::Certificate`] or [`CmsError::SignatureAlgorithm`] for a certificate that is malformed or whose key is neither EC nor RSA.
    pub fn of(unit: &Unit) -> Result<Self, CmsError> {
        Ok(Self { signer: Signer::of(&unit.certificate, &unit.chain)?, policy: unit.policy })
    }

    /// Answers a request; the arguments are those of [`answer`].
    pub fn answer<E>(
        &self,
        request: &Request,
        accuracy: Accuracy,
        serial: &[u8],
        at: OffsetDateTime,
        sign: impl FnOnce(&[u8; 32]) -> Result<Vec<u8>, E>,
    ) -> Answer {
        if request.policy.is_some_and(|policy| policy != self.policy) {
            return reject(Failure::UnacceptedPolicy);
        }
        if serial.is_empty() || serial.len() > 20 {
            return reject(Failure::SystemFailure);
        }
        let content = self.info(request, accuracy, serial, at);
        let attributes = SignedAttributes::by(&self.signer, identifiers::TST_INFO, Sha256::digest(&content).into());
        let Ok(signature) = sign(&attributes.digest()) else {
            return reject(Failure::SystemFailure);
        };
        let certificates = match request.certificate {
            CertificateWish::Included => Certificates::Carried,
            CertificateWish::LeftOut => Certificates::LeftOut,
        };
        match self.signer.assemble(&attributes, &signature, None, Some(&content), certificates) {
            Ok(token) => Answer::Granted { response: asn1::sequence(&[&status(0), &token]), token },
            Err(_) => reject(Failure::SystemFailure),
        }
    }

    /// TSTInfo (RFC 3161 section 2.4.2).
    fn info(&self, request: &Request, accuracy: Accuracy, serial: &[u8], at: OffsetDateTime) -> Vec<u8> {
        let nonce = request.nonce.as_ref().map_or_else(Vec::new, |content| asn1::element(INTEGER, content));
        asn1::sequence(&[
            &asn1::unsigned(1),
            &asn1::identifier(self.policy),
            &request.imprint(),
            &asn1::integer(serial),
            &asn1::generalized_time(at),
            &accuracy.to_der(),
            &nonce,
        ])
    }
}

/// Answers TimeStampReq DER.
///
/// `serial` is the token's serial number as a big-endian magnitude of 1 to 20 bytes, unique for the unit; `at` is cut to
/// milliseconds; `sign` makes the unit's signature (ECDSA or RSA PKCS#1 v1.5 with SHA-256, by its certificate's key) over a
/// message of which it is given the SHA-256. When it fails the answer is [`Failure::SystemFailure`].
pub fn answer<E>(
    request_der: &[u8],
    unit: &Unit,
    serial: &[u8],
    at: OffsetDateTime,
    sign: impl FnOnce(&[u8; 32]) -> Result<Vec<u8>, E>,
) -> Answer {
    match (Request::parse(request_der), PreparedUnit::of(unit)) {
        (Ok(request), Ok(prepared)) => prepared.answer(&request, unit.accuracy, serial, at, sign),
        (Ok(_), Err(_)) => reject(Failure::SystemFailure),
        (Err(failure), _) => reject(failure),
    }
}

/// The refusal for this reason; [`Failure::TimeNotAvailable`] is for a server that does not trust its clock.
#[must_use]
pub fn reject(failure: Failure) -> Answer {
    let bit = usize::from(failure.bit());
    let mut bits = vec![0_u8; bit / 8 + 2];
    bits[0] = 7 - failure.bit() % 8;
    bits[bit / 8 + 1] = 0x80 >> (bit % 8);
    let words = asn1::sequence(&[&asn1::element(0x0c, failure.to_string().as_bytes())]);
    let status = asn1::sequence(&[&asn1::unsigned(2), &words, &asn1::element(BIT_STRING, &bits)]);
    Answer::Rejected { response: asn1::sequence(&[&status]), failure }
}

fn status(number: u64) -> Vec<u8> {
    asn1::sequence(&[&asn1::unsigned(number)])
}
