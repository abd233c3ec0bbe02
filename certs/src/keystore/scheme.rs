//! How keys sign: which digest, which padding, and the AlgorithmIdentifier that says so in certificates, CRLs and OCSP answers.

use super::{Digest, KeyKind};
use crate::ca::assemble::{Tag, tlv};
use crate::oid;
use crate::public_key::PublicKeyKind;

/// The padding of an RSA signature. Keys on elliptic curves have none and ignore it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RsaPadding {
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of 32 octets (RFC 8017 section 8.1, RFC 4055 section 3.1): what we use unless told
    /// otherwise.
    Pss,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 8.2): for relying parties that know nothing newer.
    Pkcs1,
}

/// A way to sign: what a key and a padding together come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// P-256 with SHA-256.
    EcdsaSha256,
    /// P-384 with SHA-384.
    EcdsaSha384,
    /// RSA, [`RsaPadding::Pss`].
    RsaPssSha256,
    /// RSA, [`RsaPadding::Pkcs1`].
    RsaPkcs1Sha256,
}

impl Scheme {
    /// The scheme of a public key's private half under this padding.
    #[must_use]
    pub fn of(kind: PublicKeyKind, padding: RsaPadding) -> Self {
        match (kind, padding) {
            (PublicKeyKind::EcP256, _) => Self::EcdsaSha256,
            (PublicKeyKind::EcP384, _) => Self::EcdsaSha384,
            (PublicKeyKind::Rsa { .. }, RsaPadding::Pss) => Self::RsaPssSha256,
            (PublicKeyKind::Rsa { .. }, RsaPadding::Pkcs1) => Self::RsaPkcs1Sha256,
        }
    }

    /// The padding to ask of the keystore.
    #[must_use]
    pub fn padding(self) -> RsaPadding {
        match self {
            Self::EcdsaSha256 | Self::EcdsaSha384 | Self::RsaPssSha256 => RsaPadding::Pss,
            Self::RsaPkcs1Sha256 => RsaPadding::Pkcs1,
        }
    }

    /// Hashes `message` by the digest of the scheme.
    #[must_use]
    pub fn digest(self, message: &[u8]) -> Digest {
        match self {
            Self::EcdsaSha256 | Self::RsaPssSha256 | Self::RsaPkcs1Sha256 => Digest::of(KeyKind::EcP256, message),
            Self::EcdsaSha384 => Digest::of(KeyKind::EcP384, message),
        }
    }

    /// DER AlgorithmIdentifier: ECDSA without parameters (RFC 5758 section 3.2), RSA PKCS#1 v1.5 with NULL (RFC 4055 section 5), PSS with every
    /// parameter stated but the trailer (RFC 4055 section 3.1).
    #[must_use]
    pub fn algorithm_identifier(self) -> Vec<u8> {
        let null = tlv(Tag::Null, &[]);
        let identifier = |oid: const_oid::ObjectIdentifier, parameters: &[u8]| {
            tlv(Tag::Sequence, &[&tlv(Tag::ObjectIdentifier, oid.as_bytes()), parameters].concat())
        };
        match self {
            Self::EcdsaSha256 => identifier(oid::ECDSA_SHA256, &[]),
            Self::EcdsaSha384 => identifier(oid::ECDSA_SHA384, &[]),
            Self::RsaPkcs1Sha256 => identifier(oid::RSA_SHA256, &null),
            Self::RsaPssSha256 => {
                let hash = identifier(oid::SHA256, &null);
                let mask = identifier(oid::MGF1, &hash);
                let salt = tlv(Tag::Integer, &[32]);
                let parameters =
                    [tlv(Tag::Constructed(0), &hash), tlv(Tag::Constructed(1), &mask), tlv(Tag::Constructed(2), &salt)].concat();
                identifier(oid::RSA_PSS, &tlv(Tag::Sequence, &parameters))
            }
        }
    }
}
