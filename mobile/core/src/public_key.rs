//! Public keys of P-256 and their ES256 signatures, each in one form only: 65 bytes uncompressed (SEC 1), and strict DER.

use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature as Ecdsa, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint as _;
use sha2::{Digest, Sha256};

use crate::fault::{Fault, Rule};

/// Bytes of a public key.
pub const PUBLIC_KEY_BYTES: usize = 65;
/// A DER signature of P-256 is never longer.
pub const SIGNATURE_BYTES: usize = 72;
/// What stands before the point in a SubjectPublicKeyInfo of P-256 (RFC 5480 section 2).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
    0x07, 0x03, 0x42, 0x00,
];

/// A point of P-256, known to lie on the curve.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; PUBLIC_KEY_BYTES]);

impl PublicKey {
    /// Reads an uncompressed point, which is what phones' key hardware gives.
    ///
    /// # Errors
    /// [`Fault`] with `field` when it is none.
    pub fn from_sec1(field: &'static str, bytes: &[u8]) -> Result<Self, Fault> {
        let octets: [u8; PUBLIC_KEY_BYTES] = bytes.try_into().map_err(|_| Rule::WrongLength { expected: PUBLIC_KEY_BYTES }.at(field))?;
        let uncompressed = octets[0] == 4;
        if !uncompressed || p256::PublicKey::from_sec1_bytes(&octets).is_err() {
            return Err(Rule::NotPoint.at(field));
        }
        Ok(Self(octets))
    }

    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`Fault`] with `field` when it is no key of P-256 in the one form.
    pub fn from_spki(field: &'static str, bytes: &[u8]) -> Result<Self, Fault> {
        let point = bytes.strip_prefix(&SPKI_HEAD).ok_or(Rule::NotPoint.at(field))?;
        Self::from_sec1(field, point)
    }

    #[expect(clippy::expect_used, reason = "a point on the curve is never longer")]
    pub(crate) fn of(point: &p256::PublicKey) -> Self {
        let encoded = point.to_encoded_point(false);
        Self(encoded.as_bytes().try_into().expect("an uncompressed point of P-256 has 65 bytes"))
    }

    #[expect(clippy::expect_used, reason = "judged when it was made")]
    pub(crate) fn point(&self) -> p256::PublicKey {
        p256::PublicKey::from_sec1_bytes(&self.0).expect("the point lies on the curve, as it was read")
    }

    /// The 65 bytes.
    #[must_use]
    pub fn sec1(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.0
    }

    /// The SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn spki(&self) -> Vec<u8> {
        [&SPKI_HEAD[..], &self.0].concat()
    }

    /// SHA-256 of the SubjectPublicKeyInfo: what a pairing pins.
    #[must_use]
    pub fn thumbprint(&self) -> [u8; 32] {
        Sha256::digest(self.spki()).into()
    }

    /// Whether this key's owner signed `message` (ES256: ECDSA over SHA-256 of it).
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        let key = VerifyingKey::from(self.point());
        Ecdsa::from_der(&signature.0).is_ok_and(|signature| key.verify(message, &signature).is_ok())
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.thumbprint().iter().take(8).try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// An ECDSA signature in strict DER. Both `s` and its mirror are taken, because key hardware gives either: a signature is no identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature(Vec<u8>);

impl Signature {
    /// Reads strict DER.
    ///
    /// # Errors
    /// [`Fault`] with `field` for anything else.
    pub fn from_der(field: &'static str, bytes: &[u8]) -> Result<Self, Fault> {
        let strict = bytes.len() <= SIGNATURE_BYTES && Ecdsa::from_der(bytes).is_ok_and(|read| read.to_der().as_bytes() == bytes);
        if strict { Ok(Self(bytes.to_vec())) } else { Err(Rule::NotSignature.at(field)) }
    }

    #[cfg(feature = "soft")]
    pub(crate) fn of(signature: &Ecdsa) -> Self {
        Self(signature.to_der().as_bytes().to_vec())
    }

    /// The DER bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}
