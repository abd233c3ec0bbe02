//! Signed messages (CMS, RFC 5652): made in two phases around a signature from elsewhere, and verified without trust.
//!
//! [`SignedAttributes`] gives the digest that a key signs, perhaps days later; [`assemble`] makes the message. [`verify`]
//! says what a message proves: content, signer certificate, signature. Whether the certificate is trusted is asked elsewhere.
//! Refuses SHA-1, messages without signed attributes, and more than one signer.

pub(crate) mod asn1;
mod attributes;
pub(crate) mod certificate;
mod error;
pub mod identifiers;
mod signature;
mod signed;
mod verify;

pub use asn1::DerFault;
pub use attributes::SignedAttributes;
pub use error::CmsError;
pub use signature::{DigestAlgorithm, SignatureAlgorithm};
pub(crate) use signed::{Certificates, Signer};
pub use signed::{assemble, estimated_bytes};
pub use verify::{Content, SigningCertificate, Verified, verify};

/// The largest message that is read, in bytes: a signature with long chains and revocation lists stays far below.
pub const MAXIMUM_BYTES: usize = 16 * 1024 * 1024;
/// The most certificates that are read from one message.
pub const MAXIMUM_CERTIFICATES: usize = 64;
