//! A private key that was made for decryption, and made here: never one that signs.

use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::x509::X509;
use zeroize::Zeroizing;

use super::{ArchiveError, EncryptionCertificate};
use crate::keystore::Keystore;
use crate::public_key::PublicKey;

/// RFC 8018 section 4.2 asks for as many as bearable; the password has 100 random bits besides.
const ITERATIONS: u32 = 50_000;

/// A decryption key, open. No `Debug`, no `Clone`; OpenSSL wipes it when it is dropped.
pub struct DecryptionKey {
    key: PKey<Private>,
    public_key: PublicKey,
}

impl DecryptionKey {
    /// Makes a P-256 key for key agreement (RFC 5753).
    ///
    /// # Errors
    /// When no key can be made.
    pub fn generate() -> Result<Self, ArchiveError> {
        let key = EcKey::generate(&*EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?)?;
        Self::of(PKey::from_ec_key(key)?)
    }

    /// Takes over a decryption key that an earlier release kept under the keystore.
    ///
    /// # Errors
    /// [`ArchiveError::Keystore`] when it does not open, or is not the certificate's.
    pub fn adopt(
        keystore: &dyn Keystore,
        wrapped: &[u8],
        context: &[u8],
        certificate: &EncryptionCertificate,
    ) -> Result<Self, ArchiveError> {
        Self::from_pkcs8(&keystore.release_wrapped(wrapped, context, certificate)?)
    }

    /// The public half, as certificates hold it.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The key with its certificate and chain as PKCS#12 (RFC 7292): AES-256-CBC by PBES2, MAC with SHA-256, as OpenSSL 3, Outlook,
    /// Thunderbird and Apple's keychain read it.
    ///
    /// # Errors
    /// [`ArchiveError::OtherKey`] when the certificate is another key's.
    pub fn pkcs12(
        &self,
        certificate: &EncryptionCertificate,
        chain: &[Vec<u8>],
        name: &str,
        password: &str,
    ) -> Result<Vec<u8>, ArchiveError> {
        if *certificate.public_key() != self.public_key {
            return Err(ArchiveError::OtherKey);
        }
        let mut authorities = Stack::new()?;
        for authority in chain {
            authorities.push(X509::from_der(authority)?)?;
        }
        let certificate = X509::from_der(certificate.der())?;
        let mut builder = Pkcs12::builder();
        builder.name(name).pkey(&self.key).cert(&certificate).ca(authorities);
        builder.key_algorithm(Nid::AES_256_CBC).cert_algorithm(Nid::AES_256_CBC).key_iter(ITERATIONS);
        builder.mac_iter(ITERATIONS).mac_md(MessageDigest::sha256());
        Ok(builder.build2(password)?.to_der()?)
    }

    pub(crate) fn into_parts(self) -> (PKey<Private>, PublicKey) {
        (self.key, self.public_key)
    }

    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, ArchiveError> {
        Ok(Zeroizing::new(self.key.private_key_to_pkcs8()?))
    }

    pub(super) fn from_pkcs8(octets: &[u8]) -> Result<Self, ArchiveError> {
        Self::of(PKey::private_key_from_pkcs8(octets)?)
    }

    fn of(key: PKey<Private>) -> Result<Self, ArchiveError> {
        let public_key = PublicKey::from_spki(&key.public_key_to_der()?)?;
        Ok(Self { key, public_key })
    }
}
