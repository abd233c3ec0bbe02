//! What a token proves: these bytes existed at this time, says the holder of this certificate.

use super::TokenError;
use super::request::{Request, imprint};
use crate::cms::asn1::{DerFault, Element, GENERALIZED_TIME, INTEGER, SEQUENCE};
use crate::cms::certificate::Certificate;
use crate::cms::{self, Content, DigestAlgorithm, SigningCertificate, identifiers};
use der::asn1::ObjectIdentifier;
use time::OffsetDateTime;

/// A verified token. The certificates are not yet trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStamp {
    /// The stamped time.
    pub at: OffsetDateTime,
    /// The serial number of the token: content octets of the INTEGER.
    pub serial: Vec<u8>,
    /// The policy.
    pub policy: ObjectIdentifier,
    /// The algorithm of the imprint.
    pub digest_algorithm: DigestAlgorithm,
    /// The certificate of the time-stamping unit, DER.
    pub certificate: Vec<u8>,
    /// The further certificates in the token, DER.
    pub certificates: Vec<Vec<u8>>,
    /// The content octets of the nonce INTEGER.
    pub nonce: Option<Vec<u8>>,
}

/// Verifies a TimeStampToken DER over the stamped bytes, which may come in segments.
///
/// # Errors
/// The first thing that does not hold, see [`TokenError`].
pub fn verify(token: &[u8], stamped: &[&[u8]]) -> Result<TimeStamp, TokenError> {
    verify_imprint(token, |algorithm| Ok(algorithm.digest(stamped)?))
}

/// Verifies a TimeStampToken DER over what a request named by its digest alone.
///
/// # Errors
/// As [`verify`].
pub fn verify_answer(token: &[u8], request: &Request) -> Result<TimeStamp, TokenError> {
    verify_imprint(
        token,
        |algorithm| {
            if algorithm == request.digest_algorithm { Ok(request.digest.clone()) } else { Err(TokenError::Imprint) }
        },
    )
}

fn verify_imprint(token: &[u8], expected: impl FnOnce(DigestAlgorithm) -> Result<Vec<u8>, TokenError>) -> Result<TimeStamp, TokenError> {
    let verified = cms::verify(token, Content::Embedded)?;
    if verified.content_type != identifiers::TST_INFO {
        return Err(TokenError::NotATimeStamp { content_type: verified.content_type });
    }
    let content = verified.content.unwrap_or_default();
    let info = Info::read(&content).map_err(TokenError::Malformed)?;
    let algorithm = info.imprint_algorithm;
    let digest_algorithm = DigestAlgorithm::from_identifier(algorithm).ok_or(TokenError::ImprintAlgorithm { algorithm })?;
    if expected(digest_algorithm)? != info.imprint {
        return Err(TokenError::Imprint);
    }
    match verified.signing_certificate {
        SigningCertificate::Absent => return Err(TokenError::SigningCertificateMissing),
        SigningCertificate::Version1 | SigningCertificate::Version2 => {}
    }
    check_purpose(&verified.signer_certificate)?;
    Ok(TimeStamp {
        at: info.at,
        serial: info.serial.to_vec(),
        policy: info.policy,
        digest_algorithm,
        certificate: verified.signer_certificate,
        certificates: verified.certificates,
        nonce: info.nonce.map(<[u8]>::to_vec),
    })
}

/// Takes the token out of a TimeStampResp DER after checking that it answers the request.
///
/// # Errors
/// [`TokenError::Refused`], [`TokenError::Nonce`], [`TokenError::Imprint`] and what [`verify`] refuses, except that the
/// stamped bytes are known by their digest alone.
pub fn accept(response: &[u8], request: &Request) -> Result<Vec<u8>, TokenError> {
    let (status, token) = response_parts(response).map_err(TokenError::Malformed)?;
    let token = match (status, token) {
        (0 | 1, Some(token)) => token,
        (status, _) => return Err(TokenError::Refused { status }),
    };
    let content = cms::verify(token, Content::Embedded)?.content.unwrap_or_default();
    let info = Info::read(&content).map_err(TokenError::Malformed)?;
    if info.nonce != request.nonce.as_deref() {
        return Err(TokenError::Nonce);
    }
    if info.imprint_algorithm != request.digest_algorithm.identifier() || info.imprint != request.digest {
        return Err(TokenError::Imprint);
    }
    Ok(token.to_vec())
}

fn response_parts(response: &[u8]) -> Result<(u64, Option<&[u8]>), DerFault> {
    let mut parts = Element::only(response)?.expect(SEQUENCE)?.children();
    let status = parts.required(SEQUENCE)?.children().required(INTEGER)?.unsigned()?;
    let token = parts.optional(SEQUENCE)?.map(|element| element.raw);
    parts.finish()?;
    Ok((status, token))
}

struct Info<'a> {
    policy: ObjectIdentifier,
    imprint_algorithm: ObjectIdentifier,
    imprint: &'a [u8],
    serial: &'a [u8],
    at: OffsetDateTime,
    nonce: Option<&'a [u8]>,
}

impl<'a> Info<'a> {
    fn read(der: &'a [u8]) -> Result<Self, DerFault> {
        let mut parts = Element::only(der)?.expect(SEQUENCE)?.children();
        if parts.required(INTEGER)?.unsigned()? != 1 {
            return Err(DerFault::Value { tag: INTEGER });
        }
        let policy = parts.any()?.identifier()?;
        let (imprint_algorithm, imprint) = imprint(parts.required(SEQUENCE)?)?;
        let serial = parts.required(INTEGER)?.value;
        let at = parts.required(GENERALIZED_TIME)?.time()?;
        parts.optional(SEQUENCE)?;
        parts.optional(crate::cms::asn1::BOOLEAN)?;
        let nonce = parts.optional(INTEGER)?.map(|element| element.value);
        Ok(Self { policy, imprint_algorithm, imprint, serial, at, nonce })
    }
}

/// The one extended key usage must be time stamping, in a critical extension (RFC 3161 section 2.3).
fn check_purpose(certificate: &[u8]) -> Result<(), TokenError> {
    let certificate = Certificate::parse(certificate)?;
    let extension = certificate.extension(identifiers::EXTENDED_KEY_USAGE)?.ok_or(TokenError::ExtendedKeyUsage)?;
    let only = only_purpose(extension.value).map_err(TokenError::Malformed)?;
    if extension.critical && only == Some(identifiers::TIME_STAMPING) { Ok(()) } else { Err(TokenError::ExtendedKeyUsage) }
}

fn only_purpose(value: &[u8]) -> Result<Option<ObjectIdentifier>, DerFault> {
    let mut purposes = Element::only(value)?.expect(SEQUENCE)?.children();
    let first = purposes.any()?.identifier()?;
    Ok(purposes.is_empty().then_some(first))
}
