//! Public keys that we certify or rely on: P-256, P-384, and RSA of 3,072 bits or more. Everything weaker or odder is refused by name.
//!
//! Reads the whole SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): parameters, length and the point's place on its curve.

use std::{fmt, sync::OnceLock};

use const_oid::ObjectIdentifier;
use der::{Decode, Encode};
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::md::Md;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Verifier};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoRef};

use crate::cms::SignatureAlgorithm;
use crate::keystore::{Digest, KeyKind, RsaPadding};
use crate::oid;

/// Which kind of public key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PublicKeyKind {
    /// ECDSA or ECDH on NIST P-256.
    EcP256,
    /// ECDSA on NIST P-384.
    EcP384,
    /// RSA with a modulus of so many bits.
    Rsa {
        /// Length of the modulus.
        bits: u32,
    },
}

impl From<KeyKind> for PublicKeyKind {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::EcP256 => Self::EcP256,
            KeyKind::EcP384 => Self::EcP384,
            KeyKind::Rsa3072 => Self::Rsa { bits: 3072 },
            KeyKind::Rsa4096 => Self::Rsa { bits: 4096 },
        }
    }
}

/// Why a public key is refused.
#[derive(Debug, thiserror::Error)]
pub enum PublicKeyError {
    /// Neither elliptic curve nor RSA.
    #[error("the algorithm {algorithm} is not one that we certify")]
    Algorithm {
        /// Object identifier found in the key.
        algorithm: ObjectIdentifier,
    },
    /// An elliptic curve other than P-256 and P-384, or explicit parameters (RFC 5480 section 2.1.1).
    #[error("the curve is neither P-256 nor P-384")]
    Curve,
    /// Bytes that are not a SubjectPublicKeyInfo in DER.
    #[error("not a public key in DER: {0}")]
    Encoding(#[from] der::Error),
    /// The point is not uncompressed or not on its curve (RFC 5480 section 2.2).
    #[error("the key is no uncompressed point of its curve")]
    Point,
    /// An RSA exponent that is even, below 65,537 or above 64 bits (FIPS 186-5 section 5.1).
    #[error("the RSA exponent must be odd, at least 65537 and at most 64 bits")]
    RsaExponent,
    /// The RSA modulus is shorter than 3,072 or longer than 8,192 bits, or even.
    #[error("an RSA modulus has 3072 to 8192 bits and is odd; this has {bits}")]
    RsaModulus {
        /// Bits found.
        bits: i32,
    },
    /// The modulus has a small prime factor (NIST SP 800-89 section 5.3.3).
    #[error("the RSA modulus is divisible by {prime}")]
    RsaFactor {
        /// The factor found.
        prime: u32,
    },
    /// The modulus has the mark of the Infineon library whose keys can be factored (ROCA, CVE-2017-15361).
    #[error("the RSA key was made by a library whose keys can be factored (ROCA, CVE-2017-15361)")]
    RsaRoca,
    /// OpenSSL refused for a reason of its own.
    #[error("OpenSSL refuses the key")]
    Refused(#[from] openssl::error::ErrorStack),
}

#[derive(Clone)]
enum Material {
    Ec(EcKey<Public>),
    Rsa(Rsa<Public>),
}

/// A checked public key. Comparing compares the encoded SubjectPublicKeyInfo.
#[derive(Clone)]
pub struct PublicKey {
    kind: PublicKeyKind,
    material: Material,
    spki: Vec<u8>,
    raw_start: usize,
    /// Its two hashes, once they were asked for: a certificate is built, linted and stored with both.
    hashes: OnceLock<([u8; 32], [u8; 20])>,
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// [`PublicKeyError`] names what is wrong or too weak.
    pub fn from_spki(spki: &[u8]) -> Result<Self, PublicKeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(spki)?;
        let raw = info.subject_public_key.as_bytes().unwrap_or_default();
        let (kind, material) = if info.algorithm.oid == oid::EC_PUBLIC_KEY {
            let curve = info.algorithm.parameters.and_then(|parameters| parameters.decode_as::<ObjectIdentifier>().ok());
            ec(curve, raw)?
        } else if info.algorithm.oid == oid::RSA_ENCRYPTION {
            rsa(raw)?
        } else {
            return Err(PublicKeyError::Algorithm { algorithm: info.algorithm.oid });
        };
        Ok(Self { kind, material, spki: spki.to_vec(), raw_start: spki.len() - raw.len(), hashes: OnceLock::new() })
    }

    pub(crate) fn from_ec(kind: KeyKind, key: EcKey<Public>) -> Result<Self, PublicKeyError> {
        let mut context = BigNumContext::new()?;
        let form = openssl::ec::PointConversionForm::UNCOMPRESSED;
        let raw = key.public_key().to_bytes(key.group(), form, &mut context)?;
        let curve = match kind {
            KeyKind::EcP256 => oid::P256,
            KeyKind::EcP384 => oid::P384,
            KeyKind::Rsa3072 | KeyKind::Rsa4096 => return Err(PublicKeyError::Curve),
        };
        let spki = spki::SubjectPublicKeyInfo {
            algorithm: spki::AlgorithmIdentifier { oid: oid::EC_PUBLIC_KEY, parameters: Some(curve) },
            subject_public_key: der::asn1::BitStringRef::from_bytes(&raw)?,
        }
        .to_der()?;
        Ok(Self { kind: kind.into(), material: Material::Ec(key), raw_start: spki.len() - raw.len(), spki, hashes: OnceLock::new() })
    }

    /// Curve, or length of the RSA modulus.
    #[must_use]
    pub fn kind(&self) -> PublicKeyKind {
        self.kind
    }

    /// DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Content of the BIT STRING: the uncompressed point, or the DER RSAPublicKey.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.spki[self.raw_start..]
    }

    /// SHA-256 of the SubjectPublicKeyInfo: the pin of a key.
    #[must_use]
    pub fn spki_sha256(&self) -> [u8; 32] {
        self.hashes().0
    }

    /// SHA-1 of the BIT STRING (RFC 5280 section 4.2.1.2, method 1).
    #[must_use]
    pub fn key_identifier(&self) -> [u8; 20] {
        self.hashes().1
    }

    fn hashes(&self) -> &([u8; 32], [u8; 20]) {
        self.hashes.get_or_init(|| (Sha256::digest(&self.spki).into(), Sha1::digest(self.raw()).into()))
    }

    /// Whether `signature` is what [`crate::keystore::Keystore::sign`] makes with this key: DER ECDSA, or RSASSA-PSS. A malformed signature is
    /// simply not valid.
    #[must_use]
    pub fn verifies(&self, digest: &Digest, signature: &[u8]) -> bool {
        self.verifies_with(RsaPadding::Pss, digest, signature)
    }

    /// Whether `signature` is this key's: DER ECDSA, or RSA with this padding.
    #[must_use]
    pub fn verifies_with(&self, padding: RsaPadding, digest: &Digest, signature: &[u8]) -> bool {
        match &self.material {
            Material::Ec(key) => EcdsaSig::from_der(signature).and_then(|parsed| parsed.verify(digest.as_bytes(), key)).unwrap_or(false),
            Material::Rsa(key) => verify_rsa(key, padding, digest, signature).unwrap_or(false),
        }
    }

    /// As [`PublicKey::verifies_message`], by the whole AlgorithmIdentifier: also RSASSA-PSS with the parameters stated there
    /// (RFC 4055 section 3.1; its SHA-1 defaults are refused).
    #[must_use]
    pub fn verifies_signed(&self, algorithm: &AlgorithmIdentifierOwned, message: &[u8], signature: &[u8]) -> bool {
        if algorithm.oid != oid::RSA_PSS {
            return self.verifies_message(algorithm.oid, message, signature);
        }
        let parsed = algorithm.to_der().ok().and_then(|der| SignatureAlgorithm::from_der(&der).ok());
        match (parsed, &self.material, self.to_pkey()) {
            (Some(parsed), Material::Rsa(_), Ok(key)) => parsed.check(&key, message, signature).unwrap_or(false),
            (_, Material::Rsa(_) | Material::Ec(_), _) => false,
        }
    }

    /// Whether `signature` over `message` is this key's under the named signature algorithm (ECDSA or RSA PKCS#1 v1.5 with SHA-256, -384 or -512).
    /// An algorithm of another key type, or one that we do not know, is not valid.
    #[must_use]
    pub fn verifies_message(&self, algorithm: ObjectIdentifier, message: &[u8], signature: &[u8]) -> bool {
        let is_ec = matches!(self.material, Material::Ec(_));
        let method = match algorithm {
            oid::ECDSA_SHA256 if is_ec => MessageDigest::sha256(),
            oid::ECDSA_SHA384 if is_ec => MessageDigest::sha384(),
            oid::ECDSA_SHA512 if is_ec => MessageDigest::sha512(),
            oid::RSA_SHA256 if !is_ec => MessageDigest::sha256(),
            oid::RSA_SHA384 if !is_ec => MessageDigest::sha384(),
            oid::RSA_SHA512 if !is_ec => MessageDigest::sha512(),
            _ => return false,
        };
        match &self.material {
            // Straight on the point: by way of EVP, OpenSSL 3.0 spends more time on finding the algorithm than on the curve.
            Material::Ec(key) => {
                let verified = openssl::hash::hash(method, message).and_then(|digest| EcdsaSig::from_der(signature)?.verify(&digest, key));
                verified.unwrap_or(false)
            }
            Material::Rsa(_) => {
                self.to_pkey().and_then(|key| Verifier::new(method, &key)?.verify_oneshot(signature, message)).unwrap_or(false)
            }
        }
    }

    /// The key as OpenSSL holds it.
    ///
    /// # Errors
    /// OpenSSL's, when memory is short.
    pub fn to_pkey(&self) -> Result<PKey<Public>, openssl::error::ErrorStack> {
        match &self.material {
            Material::Ec(key) => PKey::from_ec_key(key.clone()),
            Material::Rsa(key) => PKey::from_rsa(key.clone()),
        }
    }
}

fn ec(curve: Option<ObjectIdentifier>, raw: &[u8]) -> Result<(PublicKeyKind, Material), PublicKeyError> {
    let (kind, nid, octets) = match curve {
        Some(oid::P256) => (PublicKeyKind::EcP256, Nid::X9_62_PRIME256V1, 65),
        Some(oid::P384) => (PublicKeyKind::EcP384, Nid::SECP384R1, 97),
        Some(_) | None => return Err(PublicKeyError::Curve),
    };
    if raw.len() != octets || raw[0] != 4 {
        return Err(PublicKeyError::Point);
    }
    let group = group(nid)?;
    let mut context = BigNumContext::new()?;
    // OpenSSL's decoder itself refuses a point that is not on the curve; both curves have cofactor 1.
    let point = EcPoint::from_bytes(group, raw, &mut context).map_err(|_| PublicKeyError::Point)?;
    let key = EcKey::from_public_key(group, &point)?;
    Ok((kind, Material::Ec(key)))
}

/// The two curves, set up once: OpenSSL spends as long on that as on a signature.
fn group(nid: Nid) -> Result<&'static EcGroup, openssl::error::ErrorStack> {
    static P256: OnceLock<EcGroup> = OnceLock::new();
    static P384: OnceLock<EcGroup> = OnceLock::new();
    let kept = if nid == Nid::SECP384R1 { &P384 } else { &P256 };
    match kept.get() {
        Some(group) => Ok(group),
        None => {
            let made = EcGroup::from_curve_name(nid)?;
            Ok(kept.get_or_init(|| made))
        }
    }
}

fn rsa(raw: &[u8]) -> Result<(PublicKeyKind, Material), PublicKeyError> {
    let key = Rsa::public_key_from_der_pkcs1(raw)?;
    let bits = key.n().num_bits();
    if !(3072..=8192).contains(&bits) || !key.n().is_bit_set(0) {
        return Err(PublicKeyError::RsaModulus { bits });
    }
    factors(key.n())?;
    let least = BigNum::from_u32(65_537)?;
    if *key.e() < *least || !key.e().is_bit_set(0) || key.e().num_bits() > 64 {
        return Err(PublicKeyError::RsaExponent);
    }
    let bits = bits.unsigned_abs();
    Ok((PublicKeyKind::Rsa { bits }, Material::Rsa(key)))
}

/// The primes below 752, of which SP 800-89 asks that none divides a modulus.
const LARGEST_SMALL_PRIME: u32 = 751;
/// The primes by whose residues the moduli of ROCA are known: Nemec et al., "The Return of Coppersmith's Attack", section 3.2.
const LARGEST_ROCA_PRIME: u32 = 167;

fn factors(modulus: &BigNumRef) -> Result<(), PublicKeyError> {
    let mut marked = true;
    for prime in (3..=LARGEST_SMALL_PRIME).filter(|number| (2..*number).take_while(|d| d * d <= *number).all(|d| number % d != 0)) {
        let residue = u32::try_from(modulus.mod_word(prime)?).unwrap_or_default();
        if residue == 0 {
            return Err(PublicKeyError::RsaFactor { prime });
        }
        if prime <= LARGEST_ROCA_PRIME {
            marked = marked && is_power_of_65537(residue, prime);
        }
    }
    if marked { Err(PublicKeyError::RsaRoca) } else { Ok(()) }
}

/// Whether `residue` lies in the group that 65,537 generates modulo `prime`.
fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let generator = 65_537 % prime;
    let mut power = 1;
    for _ in 0..prime {
        if power == residue {
            return true;
        }
        power = power * generator % prime;
    }
    false
}

fn verify_rsa(key: &Rsa<Public>, padding: RsaPadding, digest: &Digest, signature: &[u8]) -> Result<bool, openssl::error::ErrorStack> {
    let key = PKey::from_rsa(key.clone())?;
    let mut context = openssl::pkey_ctx::PkeyCtx::new(&key)?;
    context.verify_init()?;
    match padding {
        RsaPadding::Pss => {
            context.set_rsa_padding(Padding::PKCS1_PSS)?;
            context.set_signature_md(digest.method())?;
            context.set_rsa_mgf1_md(Md::sha256())?;
            context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        RsaPadding::Pkcs1 => {
            context.set_rsa_padding(Padding::PKCS1)?;
            context.set_signature_md(digest.method())?;
        }
    }
    context.verify(digest.as_bytes(), signature)
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pin = hex::encode(self.spki_sha256());
        write!(formatter, "PublicKey({:?}, {pin})", self.kind)
    }
}
