//! Why a request is refused and why a token proves nothing.

use crate::cms::{CmsError, DerFault};
use der::asn1::ObjectIdentifier;

/// PKIFailureInfo as far as RFC 3161 section 2.4.2 uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// `badAlg` (0).
    #[error("the digest algorithm of the request is not supported")]
    BadAlgorithm,
    /// `badDataFormat` (5).
    #[error("the digest does not have the length of its algorithm")]
    BadDataFormat,
    /// `badRequest` (2).
    #[error("the request is malformed")]
    BadRequest,
    /// `systemFailure` (25).
    #[error("the time stamp cannot be made at the moment")]
    SystemFailure,
    /// `timeNotAvailable` (14).
    #[error("the time source is not available")]
    TimeNotAvailable,
    /// `unacceptedExtension` (16).
    #[error("the request has an extension that is not supported")]
    UnacceptedExtension,
    /// `unacceptedPolicy` (15).
    #[error("the policy of the request is not supported")]
    UnacceptedPolicy,
}

impl Failure {
    /// The number of its bit in PKIFailureInfo.
    #[must_use]
    pub fn bit(self) -> u8 {
        match self {
            Self::BadAlgorithm => 0,
            Self::BadDataFormat => 5,
            Self::BadRequest => 2,
            Self::SystemFailure => 25,
            Self::TimeNotAvailable => 14,
            Self::UnacceptedExtension => 16,
            Self::UnacceptedPolicy => 15,
        }
    }
}

/// Why a token or response is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Its signed message does not verify.
    #[error("the token's signature: {0}")]
    Cms(#[from] CmsError),
    /// The extended key usage is not critical and exactly time stamping (RFC 3161 section 2.3).
    #[error("the certificate is not for time stamping alone")]
    ExtendedKeyUsage,
    /// The token stamps something else.
    #[error("the token stamps other data")]
    Imprint,
    /// The digest algorithm of the imprint is not accepted.
    #[error("the digest algorithm {algorithm} of the imprint is not accepted")]
    ImprintAlgorithm {
        /// Which one.
        algorithm: ObjectIdentifier,
    },
    /// Token or response are not DER as RFC 3161 section 2.4.2 wants it.
    #[error("the token is malformed: {0}")]
    Malformed(DerFault),
    /// The nonce is not the request's (RFC 3161 section 2.4.2).
    #[error("the response answers another request")]
    Nonce,
    /// The signed content is not a TSTInfo.
    #[error("the token carries {content_type} instead of a time")]
    NotATimeStamp {
        /// What it carries.
        content_type: ObjectIdentifier,
    },
    /// The authority refused.
    #[error("the time-stamping authority refused, status {status}")]
    Refused {
        /// PKIStatus.
        status: u64,
    },
    /// The signer's certificate is not named in the signed attributes (RFC 3161 section 2.4.1, RFC 5816).
    #[error("the token does not name its certificate")]
    SigningCertificateMissing,
}
