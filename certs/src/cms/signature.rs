//! Digest and signature algorithms: their identifiers, and the one place where a signature meets a public key.

use super::CmsError;
use super::asn1::{self, Element, Elements, NULL, SEQUENCE};
use super::certificate::Certificate;
use super::identifiers;
use der::asn1::ObjectIdentifier;
use openssl::hash::{Hasher, MessageDigest};
use openssl::nid::Nid;
use openssl::pkey::{Id, PKey, Public};
use openssl::rsa::Padding;
use openssl::sign::{RsaPssSaltlen, Verifier};

/// The digest algorithms that are accepted in signatures (RFC 5754 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// Its object identifier.
    #[must_use]
    pub fn identifier(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => identifiers::SHA256,
            Self::Sha384 => identifiers::SHA384,
            Self::Sha512 => identifiers::SHA512,
        }
    }

    /// The length of its digests.
    #[must_use]
    pub fn length_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The algorithm of that identifier, if it is accepted.
    #[must_use]
    pub fn from_identifier(algorithm: ObjectIdentifier) -> Option<Self> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|known| known.identifier() == algorithm)
    }

    /// Reads an AlgorithmIdentifier whose parameters are absent or NULL (RFC 5754 section 2).
    pub(crate) fn parse(element: Element<'_>) -> Result<Self, CmsError> {
        let mut parts = element.expect(SEQUENCE)?.children();
        let algorithm = parts.any()?.identifier()?;
        parts.optional(NULL)?;
        parts.finish()?;
        Self::from_identifier(algorithm).ok_or(CmsError::DigestAlgorithm { algorithm })
    }

    /// The digest of the segments one after another.
    pub(crate) fn digest(self, segments: &[&[u8]]) -> Result<Vec<u8>, CmsError> {
        let fault = |_| CmsError::DigestAlgorithm { algorithm: self.identifier() };
        let mut hasher = Hasher::new(self.openssl()).map_err(fault)?;
        for segment in segments {
            hasher.update(segment).map_err(fault)?;
        }
        Ok(hasher.finish().map_err(fault)?.to_vec())
    }

    fn openssl(self) -> MessageDigest {
        match self {
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

/// The signature algorithms that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ECDSA over P-256, P-384 or P-521 (RFC 5754 section 3.3).
    Ecdsa(DigestAlgorithm),
    /// RSASSA-PKCS1-v1_5 (RFC 5754 section 3.2).
    RsaPkcs1(DigestAlgorithm),
    /// RSASSA-PSS (RFC 4056).
    RsaPss {
        /// The digest of the message.
        digest: DigestAlgorithm,
        /// The digest inside the mask generation function.
        mask_digest: DigestAlgorithm,
        /// The length of the salt.
        salt_bytes: u8,
    },
}

impl SignatureAlgorithm {
    /// Reads SignatureAlgorithmIdentifier; plain `rsaEncryption` takes its digest from the signer's digest algorithm.
    pub(crate) fn parse(element: Element<'_>, signer_digest: DigestAlgorithm) -> Result<Self, CmsError> {
        let mut parts = element.expect(SEQUENCE)?.children();
        let algorithm = parts.any()?.identifier()?;
        if algorithm == identifiers::RSA_PSS {
            return pss(&mut parts);
        }
        Ok(match algorithm {
            identifiers::RSA => Self::RsaPkcs1(signer_digest),
            identifiers::RSA_SHA256 => Self::RsaPkcs1(DigestAlgorithm::Sha256),
            identifiers::RSA_SHA384 => Self::RsaPkcs1(DigestAlgorithm::Sha384),
            identifiers::RSA_SHA512 => Self::RsaPkcs1(DigestAlgorithm::Sha512),
            identifiers::ECDSA_SHA256 => Self::Ecdsa(DigestAlgorithm::Sha256),
            identifiers::ECDSA_SHA384 => Self::Ecdsa(DigestAlgorithm::Sha384),
            identifiers::ECDSA_SHA512 => Self::Ecdsa(DigestAlgorithm::Sha512),
            _ => return Err(CmsError::SignatureAlgorithm { algorithm }),
        })
    }

    /// Reads a whole AlgorithmIdentifier in DER.
    pub(crate) fn from_der(algorithm: &[u8]) -> Result<Self, CmsError> {
        Self::parse(Element::only(algorithm)?, DigestAlgorithm::Sha256)
    }

    /// The digest that is signed.
    #[must_use]
    pub fn digest(self) -> DigestAlgorithm {
        match self {
            Self::Ecdsa(digest) | Self::RsaPkcs1(digest) | Self::RsaPss { digest, .. } => digest,
        }
    }

    /// Checks `signature` over `message` with the key of the certificate.
    pub(crate) fn verify(self, certificate: &Certificate<'_>, message: &[u8], signature: &[u8]) -> Result<(), CmsError> {
        let key = PKey::public_key_from_der(certificate.public_key).map_err(|_| CmsError::PublicKey)?;
        if !self.fits(&key) {
            return Err(CmsError::PublicKey);
        }
        match self.check(&key, message, signature) {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(CmsError::SignatureInvalid),
        }
    }

    fn fits(self, key: &PKey<Public>) -> bool {
        match self {
            Self::Ecdsa(_) => {
                let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
                curve.is_some_and(|curve| [Nid::X9_62_PRIME256V1, Nid::SECP384R1, Nid::SECP521R1].contains(&curve))
            }
            Self::RsaPkcs1(_) => key.id() == Id::RSA,
            Self::RsaPss { .. } => key.id() == Id::RSA || key.id() == Id::RSA_PSS,
        }
    }

    pub(crate) fn check(self, key: &PKey<Public>, message: &[u8], signature: &[u8]) -> Result<bool, openssl::error::ErrorStack> {
        let mut verifier = Verifier::new(self.digest().openssl(), key)?;
        if let Self::RsaPss { mask_digest, salt_bytes, .. } = self {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_mgf1_md(mask_digest.openssl())?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt_bytes.into()))?;
        }
        verifier.verify_oneshot(signature, message)
    }
}

/// RSASSA-PSS-params (RFC 4055 section 3.1); its SHA-1 defaults are refused.
fn pss(parts: &mut Elements<'_>) -> Result<SignatureAlgorithm, CmsError> {
    let sha1 = CmsError::DigestAlgorithm { algorithm: identifiers::SHA1 };
    let mut parameters = parts.required(SEQUENCE)?.children();
    let hash = parameters.optional(0xa0)?.ok_or_else(|| sha1.clone())?;
    let digest = DigestAlgorithm::parse(Element::only(hash.value)?)?;
    let mask = parameters.optional(0xa1)?.ok_or(sha1)?;
    let mut mask = Element::only(mask.value)?.expect(SEQUENCE)?.children();
    let function = mask.any()?.identifier()?;
    if function != identifiers::MGF1 {
        return Err(CmsError::SignatureAlgorithm { algorithm: function });
    }
    let mask_digest = DigestAlgorithm::parse(mask.any()?)?;
    let salt = match parameters.optional(0xa2)? {
        Some(length) => Element::only(length.value)?.unsigned()?,
        None => 20,
    };
    let salt_bytes = u8::try_from(salt).map_err(|_| CmsError::SignatureAlgorithm { algorithm: identifiers::RSA_PSS })?;
    Ok(SignatureAlgorithm::RsaPss { digest, mask_digest, salt_bytes })
}

/// The SignatureAlgorithmIdentifier that we write for a key with SHA-256: ECDSA, or RSA PKCS#1 v1.5.
pub(crate) fn identifier_for(certificate: &Certificate<'_>) -> Result<Vec<u8>, CmsError> {
    match certificate.key_algorithm {
        identifiers::EC_PUBLIC_KEY => Ok(asn1::algorithm(identifiers::ECDSA_SHA256, &[])),
        identifiers::RSA => Ok(asn1::algorithm(identifiers::RSA_SHA256, &[NULL, 0])),
        algorithm => Err(CmsError::SignatureAlgorithm { algorithm }),
    }
}
