//! PKCS#10: of a request we take the public key and the proof that the asker has the private one. Names, extensions and attributes in it
//! are not even looked at; they come from the approved order.
//!
//! The key is read from the SubjectPublicKeyInfo itself, never guessed from the signature algorithm: `openssl req` signs with SHA-256 also
//! for P-384 keys.

use der::{Decode, Encode};
use x509_cert::request::CertReq;

use crate::public_key::{PublicKey, PublicKeyError};

/// Largest request that is read, in bytes.
pub const LIMIT_BYTES: usize = 16 * 1024;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// No PEM block of a request (RFC 7468 section 7).
    #[error("no certificate request in PEM")]
    Armor,
    /// Not a PKCS#10 request in DER (RFC 2986 section 4).
    #[error("not a PKCS#10 request in DER")]
    Encoding(#[from] der::Error),
    /// The key is refused.
    #[error("the key in the request is refused")]
    Key(#[from] PublicKeyError),
    /// The signature is not the key's, or of an algorithm that we do not know (RFC 2986 section 3).
    #[error("the request does not prove that its sender has the private key")]
    NoProof,
    /// Larger than any honest request.
    #[error("the request has {size_bytes} bytes; at most {LIMIT_BYTES} are read")]
    TooLarge {
        /// Bytes given.
        size_bytes: usize,
    },
}

/// The labels under which requests travel; the second is what old Microsoft and NSS tools write.
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/// The DER of the first request in a text; what stands around it is not looked at.
///
/// # Errors
/// [`RequestError::Armor`], [`RequestError::TooLarge`].
pub fn decode(text: &str) -> Result<Vec<u8>, RequestError> {
    let block = LABELS.iter().find_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        Some(rest.split_once(&format!("-----END {label}-----"))?.0)
    });
    let bare: String = block.ok_or(RequestError::Armor)?.chars().filter(|sign| !sign.is_ascii_whitespace()).collect();
    if bare.len() / 4 * 3 > LIMIT_BYTES + 2 {
        return Err(RequestError::TooLarge { size_bytes: bare.len() / 4 * 3 });
    }
    openssl::base64::decode_block(&bare).map_err(|_| RequestError::Armor)
}

/// Reads a DER request and returns the key that it proves.
///
/// # Errors
/// [`RequestError`].
pub fn proven_key(request: &[u8]) -> Result<PublicKey, RequestError> {
    if request.len() > LIMIT_BYTES {
        return Err(RequestError::TooLarge { size_bytes: request.len() });
    }
    let parsed = CertReq::from_der(request)?;
    let key = PublicKey::from_spki(&parsed.info.public_key.to_der()?)?;
    let signature = parsed.signature.as_bytes().ok_or(RequestError::NoProof)?;
    let signed = parsed.info.to_der()?;
    if key.verifies_signed(&parsed.algorithm, &signed, signature) { Ok(key) } else { Err(RequestError::NoProof) }
}
