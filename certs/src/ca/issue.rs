//! The signature: over exactly the stored bytes, checked before it is returned.

use super::assemble::signed;
use super::issuer::Issuer;
use super::prepare::Prepared;
use crate::keystore::{Keystore, KeystoreError};
use crate::profiles::Kind;
use crate::serial::Serial;
use crate::validity::Validity;

/// Why nothing was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The signature just made does not verify under the authority's public key.
    #[error("the keystore's signature does not verify under the authority's key")]
    BadSignature,
    /// The keystore refused.
    #[error("the keystore does not sign")]
    Keystore(#[from] KeystoreError),
    /// It was prepared for another authority.
    #[error("the certificate was prepared for another authority")]
    OtherIssuer,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// Its kind.
    pub kind: Kind,
    /// Its serial number.
    pub serial: Serial,
    /// When it is valid.
    pub validity: Validity,
    /// Its subject, for people.
    pub subject: String,
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
}

/// Signs what was prepared, once: the [`Prepared`] is spent. The caller has stored it before.
///
/// # Errors
/// [`IssueError`]. After an error the stored [`Prepared`] may be taken up again by [`Prepared::from_stored`]. ECDSA draws a new number each
/// time, so a repeated signature gives a certificate of the same content with other last bytes: the caller keeps the first that it stored.
pub fn issue(prepared: Prepared, issuer: &Issuer, keystore: &dyn Keystore) -> Result<Issued, IssueError> {
    // The lint compared names and key identifiers with the authority it was given; here it may be another.
    if !prepared.is_for(issuer.signatory()) {
        return Err(IssueError::OtherIssuer);
    }
    let signature = issuer.sign(prepared.tbs(), keystore)?.ok_or(IssueError::BadSignature)?;
    let algorithm = issuer.scheme().algorithm_identifier();
    Ok(finish(&prepared, &algorithm, &signature))
}

pub(super) fn finish(prepared: &Prepared, algorithm: &[u8], signature: &[u8]) -> Issued {
    Issued {
        der: signed(prepared.tbs(), algorithm, signature),
        kind: prepared.kind(),
        serial: prepared.serial(),
        validity: prepared.validity(),
        subject: prepared.subject().to_owned(),
        spki_sha256: prepared.spki_sha256(),
    }
}
