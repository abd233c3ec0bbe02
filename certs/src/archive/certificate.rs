//! The proof that a certificate is for encryption and for nothing else.

use der::{Decode as _, Encode as _};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

use super::ArchiveError;
use crate::public_key::PublicKey;

/// A certificate whose key usage lets its key decrypt or agree, and never sign (RFC 5280 section 4.2.1.3). Only [`Self::check`] makes one.
#[derive(Clone, Debug)]
pub struct EncryptionCertificate {
    der: Vec<u8>,
    public_key: PublicKey,
}

impl EncryptionCertificate {
    /// Checks the key usage, which must be there.
    ///
    /// # Errors
    /// [`ArchiveError::MaySign`] without a key usage, with one that signs anything, or with none that decrypts;
    /// [`ArchiveError::Certificate`], [`ArchiveError::PublicKey`].
    pub fn check(certificate_der: &[u8]) -> Result<Self, ArchiveError> {
        let certificate = Certificate::from_der(certificate_der)?;
        let tbs = &certificate.tbs_certificate;
        let (_, KeyUsage(usage)) = tbs.get::<KeyUsage>()?.ok_or(ArchiveError::MaySign)?;
        let signs = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation | KeyUsages::KeyCertSign | KeyUsages::CRLSign;
        let decrypts = KeyUsages::KeyAgreement | KeyUsages::KeyEncipherment | KeyUsages::DataEncipherment;
        if !usage.is_disjoint(signs) || usage.is_disjoint(decrypts) {
            return Err(ArchiveError::MaySign);
        }
        let public_key = PublicKey::from_spki(&tbs.subject_public_key_info.to_der()?)?;
        Ok(Self { der: certificate_der.to_vec(), public_key })
    }

    /// The certificate, DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Its public key.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}
