//! A private key opened for use: signs and agrees; OpenSSL wipes it when dropped.

use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::md::Md;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::{Padding, Rsa};
use openssl::sign::RsaPssSaltlen;
use zeroize::Zeroizing;

use super::{Digest, KeyKind, KeystoreError, RsaPadding, Secret32};
use crate::key_file::LooseKey;
use crate::public_key::{PublicKey, PublicKeyKind};

pub(super) struct PrivateKey {
    kind: KeyKind,
    material: Material,
}

enum Material {
    Ec(EcKey<Private>),
    Rsa(PKey<Private>),
}

/// A curve and the length of its scalars, or the length of a modulus.
enum Shape {
    Curve(Nid, i32),
    Modulus(u32),
}

impl PrivateKey {
    pub(super) fn generate(kind: KeyKind) -> Result<Self, KeystoreError> {
        let material = match shape(kind) {
            Shape::Curve(nid, _) => Material::Ec(EcKey::generate(&*EcGroup::from_curve_name(nid)?)?),
            // The exponent is 65,537.
            Shape::Modulus(bits) => Material::Rsa(PKey::from_rsa(Rsa::generate(bits)?)?),
        };
        Ok(Self { kind, material })
    }

    /// The plain text of a sealed key: kind octet, then the scalar, big-endian, at the curve's full length; or the DER RSAPrivateKey.
    pub(super) fn to_octets(&self) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let content = Zeroizing::new(match &self.material {
            Material::Ec(key) => key.private_key().to_vec_padded(scalar_octets(self.kind))?,
            Material::Rsa(key) => key.rsa()?.private_key_to_der()?,
        });
        let mut octets = Zeroizing::new(Vec::with_capacity(1 + content.len()));
        octets.push(kind_octet(self.kind));
        octets.extend_from_slice(&content);
        Ok(octets)
    }

    pub(super) fn from_octets(octets: &[u8]) -> Result<Self, KeystoreError> {
        let (&first, content) = octets.split_first().ok_or(KeystoreError::DoesNotOpen)?;
        let kind = KeyKind::ALL.into_iter().find(|kind| kind_octet(*kind) == first).ok_or(KeystoreError::DoesNotOpen)?;
        let material = match shape(kind) {
            Shape::Curve(nid, length) => Material::Ec(ec(nid, length, content)?),
            Shape::Modulus(bits) => {
                let key = Rsa::private_key_from_der(content).map_err(|_| KeystoreError::DoesNotOpen)?;
                if key.n().num_bits().unsigned_abs() != bits {
                    return Err(KeystoreError::DoesNotOpen);
                }
                Material::Rsa(PKey::from_rsa(key)?)
            }
        };
        Ok(Self { kind, material })
    }

    /// A key that came from elsewhere, checked already to be of a kind that we keep.
    pub(super) fn of_loose(loose: &LooseKey) -> Result<Self, KeystoreError> {
        let kind = KeyKind::of(loose.public_key().kind()).ok_or(KeystoreError::DoesNotOpen)?;
        let material = match shape(kind) {
            Shape::Curve(..) => Material::Ec(loose.key().ec_key()?),
            Shape::Modulus(_) => Material::Rsa(loose.key().to_owned()),
        };
        Ok(Self { kind, material })
    }

    pub(super) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let key = match &self.material {
            Material::Ec(key) => PKey::from_ec_key(key.clone())?,
            Material::Rsa(key) => key.clone(),
        };
        Ok(Zeroizing::new(key.private_key_to_pkcs8()?))
    }

    pub(super) fn public_key(&self) -> Result<PublicKey, KeystoreError> {
        match &self.material {
            Material::Ec(key) => Ok(PublicKey::from_ec(self.kind, EcKey::from_public_key(key.group(), key.public_key())?)?),
            Material::Rsa(key) => Ok(PublicKey::from_spki(&key.public_key_to_der()?)?),
        }
    }

    pub(super) fn sign(&self, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        match (self.kind, &self.material, digest) {
            (KeyKind::EcP256, Material::Ec(key), Digest::Sha256(_)) | (KeyKind::EcP384, Material::Ec(key), Digest::Sha384(_)) => {
                Ok(EcdsaSig::sign(digest.as_bytes(), key)?.to_der()?)
            }
            (KeyKind::Rsa3072 | KeyKind::Rsa4096, Material::Rsa(key), Digest::Sha256(_)) => Ok(sign_rsa(key, padding, digest)?),
            (_, Material::Ec(_) | Material::Rsa(_), Digest::Sha256(_) | Digest::Sha384(_)) => Err(KeystoreError::DigestDoesNotFit),
        }
    }

    /// P-384 takes OpenSSL 3.0 half a millisecond, RSA more.
    pub(super) fn signs_at_once(&self) -> bool {
        self.kind == KeyKind::EcP256
    }

    pub(super) fn agree(&self, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        let (KeyKind::EcP256, Material::Ec(own), PublicKeyKind::EcP256) = (self.kind, &self.material, ephemeral.kind()) else {
            return Err(KeystoreError::PeerDoesNotFit);
        };
        let own = PKey::from_ec_key(own.clone())?;
        let other = ephemeral.to_pkey()?;
        let mut deriver = Deriver::new(&own)?;
        deriver.set_peer(&other)?;
        let mut secret = Secret32(Zeroizing::new([0; 32]));
        let length = deriver.derive(secret.0.as_mut_slice())?;
        if length == 32 { Ok(secret) } else { Err(KeystoreError::PeerDoesNotFit) }
    }
}

fn ec(nid: Nid, length: i32, scalar: &[u8]) -> Result<EcKey<Private>, KeystoreError> {
    if usize::try_from(length) != Ok(scalar.len()) {
        return Err(KeystoreError::DoesNotOpen);
    }
    let group = EcGroup::from_curve_name(nid)?;
    let mut context = BigNumContext::new()?;
    let mut scalar = BigNum::from_slice(scalar)?;
    scalar.set_const_time();
    let mut point = EcPoint::new(&group)?;
    point.mul_generator2(&group, &scalar, &mut context)?;
    let key = EcKey::from_private_components(&group, &scalar, &point)?;
    scalar.clear();
    Ok(key)
}

fn sign_rsa(key: &PKey<Private>, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let mut context = PkeyCtx::new(key)?;
    context.sign_init()?;
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
    let mut signature = Vec::new();
    context.sign_to_vec(digest.as_bytes(), &mut signature)?;
    Ok(signature)
}

fn shape(kind: KeyKind) -> Shape {
    match kind {
        KeyKind::EcP256 => Shape::Curve(Nid::X9_62_PRIME256V1, 32),
        KeyKind::EcP384 => Shape::Curve(Nid::SECP384R1, 48),
        KeyKind::Rsa3072 => Shape::Modulus(3072),
        KeyKind::Rsa4096 => Shape::Modulus(4096),
    }
}

fn scalar_octets(kind: KeyKind) -> i32 {
    match shape(kind) {
        Shape::Curve(_, length) => length,
        Shape::Modulus(_) => 0,
    }
}

/// Stored: never to be renumbered.
fn kind_octet(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::EcP256 => 1,
        KeyKind::EcP384 => 2,
        KeyKind::Rsa3072 => 3,
        KeyKind::Rsa4096 => 4,
    }
}
