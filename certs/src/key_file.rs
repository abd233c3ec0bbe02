//! Key files: a key made for somebody else, packed with its certificate into PKCS#12 (RFC 7292) and not kept; a decryption key may have been
//! sealed for an archive before.
//!
//! Content: AES-256-CBC under PBKDF2 with HMAC-SHA-256 (RFC 8018 sections 5.2 and 6.2); integrity: HMAC-SHA-256. Only the passphrase opens it, so
//! it has to be strong: whoever packs draws it, nobody chooses it.

use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::stack::Stack;
use openssl::x509::X509;
use zeroize::Zeroizing;

use crate::archive::DecryptionKey;
use crate::public_key::{PublicKey, PublicKeyError};

/// Rounds of PBKDF2, and of the key derivation behind the integrity check.
pub const ROUNDS: u32 = 250_000;

/// Why there is no key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The certificate is another key's.
    #[error("the certificate is not for this key")]
    OtherKey,
    /// OpenSSL refused.
    #[error("the key file cannot be made")]
    Refused(#[from] ErrorStack),
    /// The new key is not one that we certify.
    #[error(transparent)]
    PublicKey(#[from] PublicKeyError),
}

/// A fresh P-256 key that rests nowhere but here; OpenSSL wipes it when it is dropped.
pub struct LooseKey {
    key: PKey<Private>,
    public_key: PublicKey,
}

impl LooseKey {
    /// Makes one.
    ///
    /// # Errors
    /// When OpenSSL has no randomness.
    pub fn generate() -> Result<Self, KeyFileError> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
        let public_key = PublicKey::from_spki(&key.public_key_to_der()?)?;
        Ok(Self { key, public_key })
    }

    /// A decryption key that goes into a file.
    #[must_use]
    pub fn of_decryption(key: DecryptionKey) -> Self {
        let (key, public_key) = key.into_parts();
        Self { key, public_key }
    }

    /// Its public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Packs it with its certificate and what stands above that, and is gone.
    ///
    /// # Errors
    /// [`KeyFileError::OtherKey`].
    pub fn pack(self, certificate: &[u8], chain: &[Vec<u8>], name: &str, passphrase: &str) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
        let certificate = X509::from_der(certificate)?;
        if !certificate.public_key()?.public_eq(&self.key) {
            return Err(KeyFileError::OtherKey);
        }
        let mut above = Stack::new()?;
        for one in chain {
            above.push(X509::from_der(one)?)?;
        }
        let packed = Pkcs12::builder()
            .name(name)
            .pkey(&self.key)
            .cert(&certificate)
            .ca(above)
            .key_algorithm(Nid::AES_256_CBC)
            .cert_algorithm(Nid::AES_256_CBC)
            .key_iter(ROUNDS)
            .mac_iter(ROUNDS)
            .mac_md(MessageDigest::sha256())
            .build2(passphrase)?;
        Ok(Zeroizing::new(packed.to_der()?))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_certificate_of_another_key_is_not_packed() {
        let (one, other) = (LooseKey::generate().unwrap(), LooseKey::generate().unwrap());
        let mut builder = X509::builder().unwrap();
        builder.set_pubkey(&other.key).unwrap();
        builder.set_not_before(&openssl::asn1::Asn1Time::from_unix(0).unwrap()).unwrap();
        builder.set_not_after(&openssl::asn1::Asn1Time::from_unix(1).unwrap()).unwrap();
        builder.sign(&other.key, MessageDigest::sha256()).unwrap();
        let certificate = builder.build().to_der().unwrap();
        assert!(matches!(one.pack(&certificate, &[], "x", "passphrase"), Err(KeyFileError::OtherKey)));
        assert!(other.pack(&certificate, &[], "x", "passphrase").is_ok());
    }
}
