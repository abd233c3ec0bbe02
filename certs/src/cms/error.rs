//! Why a CMS message is refused.

use super::asn1::DerFault;
use der::asn1::ObjectIdentifier;

/// Why a CMS message could not be made or does not prove what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// An attribute that must be there once is missing or there twice (RFC 5652 section 11).
    #[error("the signed attribute {attribute} must be present exactly once with one value")]
    Attribute {
        /// Which attribute.
        attribute: ObjectIdentifier,
    },
    /// A certificate in the message or of the signer is malformed.
    #[error("a certificate is malformed: {0}")]
    Certificate(DerFault),
    /// The signing-certificate attribute names another certificate (RFC 5035 section 5).
    #[error("the signing-certificate attribute does not name the signer's certificate")]
    CertificateMismatch,
    /// The message carries no content and none was given, or it carries content where detached content was given.
    #[error("the message's content is not where it was expected")]
    ContentPlace,
    /// The content type in the signed attributes differs from the message's (RFC 5652 section 11.1).
    #[error("the content type attribute is {attribute}, the message's content type {message}")]
    ContentType {
        /// The signed attribute.
        attribute: ObjectIdentifier,
        /// The type of the encapsulated content.
        message: ObjectIdentifier,
    },
    /// The digest of the content is not the signed one (RFC 5652 section 5.4).
    #[error("the content was changed: its digest is not the signed one")]
    ContentChanged,
    /// A digest algorithm that is not accepted.
    #[error("the digest algorithm {algorithm} is not accepted")]
    DigestAlgorithm {
        /// Which one.
        algorithm: ObjectIdentifier,
    },
    /// The bytes are not DER.
    #[error("the message is malformed: {0}")]
    Malformed(#[from] DerFault),
    /// The message has no signed attributes (RFC 5652 section 5.3 allows that, signature formats do not).
    #[error("the signature has no signed attributes")]
    NoSignedAttributes,
    /// The outer content type is not signed data (RFC 5652 section 5.1).
    #[error("the message is of type {content_type}, not signed data")]
    NotSignedData {
        /// Its type.
        content_type: ObjectIdentifier,
    },
    /// The public key cannot be read or may not be used with the signature algorithm.
    #[error("the signer's public key does not fit the signature algorithm")]
    PublicKey,
    /// The signature is not the key's over the signed attributes.
    #[error("the signature does not verify with the signer's public key")]
    SignatureInvalid,
    /// A signature algorithm that is not accepted.
    #[error("the signature algorithm {algorithm} is not accepted")]
    SignatureAlgorithm {
        /// Which one.
        algorithm: ObjectIdentifier,
    },
    /// The message does not contain the signer's certificate.
    #[error("the signer's certificate is not in the message")]
    SignerCertificateMissing,
    /// Not exactly one signer.
    #[error("the message has {count} signers, not one")]
    SignerCount {
        /// How many.
        count: usize,
    },
    /// The message or the number of its certificates is over the limit.
    #[error("the message is over the limit of {limit}")]
    TooLarge {
        /// The limit, in bytes or certificates.
        limit: usize,
    },
}
