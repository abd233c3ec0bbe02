//! The online status protocol (RFC 6960, RFC 9654): reads a request with all its CertIDs, answers each, and never says *good* of a serial
//! that it was not told to be good.
//!
//! CertIDs by SHA-1 and SHA-256; a nonce of 1 to 128 octets comes back unchanged; the request's own signature is not asked for.

use const_oid::ObjectIdentifier;
use der::asn1::OctetString;
use der::{Decode, Encode};
use x509_ocsp::CertId;

pub use super::respond::{AnswerError, Responder, ResponderError, SAMPLE, Times, answer};

use super::Revocation;
use crate::ca::Issuer;
use crate::oid;
use crate::serial::Serial;

/// How large a request may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of DER.
    pub size_bytes: usize,
    /// CertIDs in one request.
    pub certificates: usize,
}

impl Default for Limits {
    /// 16 KiB and 32 certificates.
    fn default() -> Self {
        Self { size_bytes: 16 * 1024, certificates: 32 }
    }
}

/// Why a request is not understood; the answer to each is [`Refusal::MalformedRequest`].
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// A critical extension that we do not know (RFC 6960 section 4.4).
    #[error("the request has the critical extension {oid}, which is not known here")]
    CriticalExtension {
        /// Which.
        oid: ObjectIdentifier,
    },
    /// Not an OCSPRequest in DER (RFC 6960 section 4.1.1).
    #[error("not an OCSP request in DER")]
    Encoding(#[from] der::Error),
    /// No CertID, or more than the limit.
    #[error("the request asks for {count} certificates; 1 to {limit} are answered")]
    Count {
        /// Asked for.
        count: usize,
        /// Allowed.
        limit: usize,
    },
    /// A nonce that is empty or longer than 128 octets (RFC 9654 section 2.1).
    #[error("a nonce has 1 to 128 octets")]
    Nonce,
    /// Larger than the limit.
    #[error("the request has {size_bytes} bytes; at most {limit_bytes} are read")]
    TooLarge {
        /// Bytes given.
        size_bytes: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
}

/// A request understood.
#[derive(Clone, Debug)]
pub struct Request {
    pub(super) questions: Vec<Question>,
    /// The extension, DER.
    pub(super) nonce: Option<Vec<u8>>,
    bare: bool,
}

/// One certificate asked for.
#[derive(Clone, Debug)]
pub(super) struct Question {
    id: CertId,
    /// The CertID as it comes back in the answer.
    pub(super) der: Vec<u8>,
}

/// What is known of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Issued here and not revoked.
    Good,
    /// Revoked or suspended.
    Revoked(Revocation),
    /// Not issued here, as far as is known.
    Unknown,
}

/// The answers that carry no status (RFC 6960 section 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request was not understood.
    MalformedRequest,
    /// The responder failed; another may be tried.
    InternalError,
    /// Too busy just now.
    TryLater,
    /// We do not answer for this authority (RFC 5019 section 2.2.3).
    Unauthorized,
}

impl Refusal {
    /// The whole answer, DER.
    #[must_use]
    pub fn to_der(self) -> Vec<u8> {
        let code = match self {
            Self::MalformedRequest => 1,
            Self::InternalError => 2,
            Self::TryLater => 3,
            Self::Unauthorized => 6,
        };
        vec![0x30, 0x03, 0x0a, 0x01, code]
    }
}

/// Reads a DER request.
///
/// # Errors
/// [`RequestError`].
pub fn parse(request: &[u8], limits: &Limits) -> Result<Request, RequestError> {
    if request.len() > limits.size_bytes {
        return Err(RequestError::TooLarge { size_bytes: request.len(), limit_bytes: limits.size_bytes });
    }
    let whole = x509_ocsp::OcspRequest::from_der(request)?;
    let is_signed = whole.optional_signature.is_some();
    let parsed = whole.tbs_request;
    let single = parsed.request_list.iter().any(|one| one.single_request_extensions.is_some());
    let bare = !is_signed && !single && parsed.requestor_name.is_none() && parsed.request_extensions.is_none();
    let count = parsed.request_list.len();
    if count == 0 || count > limits.certificates {
        let limit = limits.certificates;
        return Err(RequestError::Count { count, limit });
    }
    let mut nonce = None;
    for extension in parsed.request_extensions.unwrap_or_default() {
        if extension.extn_id == oid::OCSP_NONCE {
            let value = OctetString::from_der(extension.extn_value.as_bytes()).map_err(|_| RequestError::Nonce)?;
            if !(1..=128).contains(&value.as_bytes().len()) || nonce.is_some() {
                return Err(RequestError::Nonce);
            }
            nonce = Some(extension.to_der()?);
        } else if extension.critical {
            let oid = extension.extn_id;
            return Err(RequestError::CriticalExtension { oid });
        }
    }
    for question in &parsed.request_list {
        let extensions = question.single_request_extensions.as_deref();
        if let Some(critical) = extensions.unwrap_or_default().iter().find(|one| one.critical) {
            let oid = critical.extn_id;
            return Err(RequestError::CriticalExtension { oid });
        }
    }
    let question = |id: CertId| -> Result<Question, der::Error> { Ok(Question { der: id.to_der()?, id }) };
    let questions = parsed.request_list.into_iter().map(|one| question(one.req_cert)).collect::<Result<_, _>>()?;
    Ok(Request { questions, nonce, bare })
}

impl Request {
    /// How many certificates it asks for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.questions.len()
    }

    /// Never: a request without questions is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// Whether a stored answer may serve it: one that carries a nonce must be answered anew.
    #[must_use]
    pub fn has_nonce(&self) -> bool {
        self.nonce.is_some()
    }

    /// Whether it is its CertIDs and nothing else: no nonce, no name of who asks, no extension, no signature. Then equal bytes are equal
    /// questions, and the answer to one serves all.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.bare
    }

    /// Whether at least one certificate asked for is of this authority.
    #[must_use]
    pub fn asks(&self, issuer: &Issuer) -> bool {
        self.questions.iter().any(|question| question.is_of(issuer))
    }

    /// The serial numbers asked for of this authority, in order.
    #[must_use]
    pub fn serials(&self, issuer: &Issuer) -> Vec<Serial> {
        self.questions.iter().filter(|question| question.is_of(issuer)).filter_map(Question::serial).collect()
    }
}

impl Question {
    /// Whether the CertID names this authority (RFC 6960 section 4.1.1).
    pub(super) fn is_of(&self, issuer: &Issuer) -> bool {
        let name = self.id.issuer_name_hash.as_bytes();
        let key = self.id.issuer_key_hash.as_bytes();
        match self.id.hash_algorithm.oid {
            oid::SHA1 => name == issuer.name_sha1() && key == issuer.key_identifier(),
            oid::SHA256 => name == issuer.name_sha256() && key == issuer.key_sha256(),
            _ => false,
        }
    }

    /// The serial number asked for; none where it is none that we could have given.
    pub(super) fn serial(&self) -> Option<Serial> {
        Serial::from_bytes(self.id.serial_number.as_bytes()).ok()
    }
}
