//! Answering a request (RFC 3161 section 2.4.2): a token signed by the unit's key, or a refusal in the protocol's own words.

use super::Failure;
use super::request::{CertificateWish, Request};
use crate::cms::asn1::{self, BIT_STRING, INTEGER, SEQUENCE};
use crate::cms::{CmsError, SignedAttributes, assemble, identifiers};
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
    let request = match Request::parse(request_der) {
        Ok(request) => request,
        Err(failure) => return reject(failure),
    };
    if request.policy.is_some_and(|policy| policy != unit.policy) {
        return reject(Failure::UnacceptedPolicy);
    }
    if serial.is_empty() || serial.len() > 20 {
        return reject(Failure::SystemFailure);
    }
    match token(&request, unit, serial, at, sign) {
        Ok(Some(token)) => Answer::Granted { response: asn1::sequence(&[&status(0), &token]), token },
        Ok(None) | Err(_) => reject(Failure::SystemFailure),
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

/// `None` when the key did not sign.
fn token<E>(
    request: &Request,
    unit: &Unit,
    serial: &[u8],
    at: OffsetDateTime,
    sign: impl FnOnce(&[u8; 32]) -> Result<Vec<u8>, E>,
) -> Result<Option<Vec<u8>>, CmsError> {
    let content = info(request, unit, serial, at);
    let digest = Sha256::digest(&content).into();
    let attributes = SignedAttributes::new(identifiers::TST_INFO, digest, &unit.certificate, None)?;
    let Ok(signature) = sign(&attributes.digest()) else {
        return Ok(None);
    };
    let message = assemble(&attributes, &signature, &unit.certificate, &unit.chain, None, Some(&content))?;
    match request.certificate {
        CertificateWish::Included => Ok(Some(message)),
        CertificateWish::LeftOut => without_certificates(&message).map(Some),
    }
}

/// TSTInfo (RFC 3161 section 2.4.2).
fn info(request: &Request, unit: &Unit, serial: &[u8], at: OffsetDateTime) -> Vec<u8> {
    let nonce = request.nonce.as_ref().map_or_else(Vec::new, |content| asn1::element(INTEGER, content));
    asn1::sequence(&[
        &asn1::unsigned(1),
        &asn1::identifier(unit.policy),
        &request.imprint(),
        &asn1::integer(serial),
        &asn1::generalized_time(at),
        &unit.accuracy.to_der(),
        &nonce,
    ])
}

/// The same message without its certificates, which the requester said it has (RFC 3161 section 2.4.1, certReq).
fn without_certificates(message: &[u8]) -> Result<Vec<u8>, CmsError> {
    let mut outer = asn1::Element::only(message)?.children();
    let kind = outer.any()?.raw;
    let mut parts = asn1::Element::only(outer.any()?.value)?.expect(SEQUENCE)?.children();
    let mut kept = Vec::new();
    while !parts.is_empty() {
        let part = parts.any()?;
        if part.tag != 0xa0 {
            kept.push(part.raw);
        }
    }
    Ok(asn1::sequence(&[kind, &asn1::element(0xa0, &asn1::sequence(&kept))]))
}
