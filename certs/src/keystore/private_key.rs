//! A private key opened for use: signs and agrees; OpenSSL wipes it when dropped.

use openssl::bn::{BigNum, BigNumContext};
use openssl::derive::Deriver;
use openssl::ec::{EcGroup, EcKey, EcPoint};
use openssl::ecdsa::EcdsaSig;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use zeroize::Zeroizing;

use super::{Digest, KeyKind, KeystoreError, Secret32};
use crate::public_key::{PublicKey, PublicKeyKind};

pub(super) struct PrivateKey {
    kind: KeyKind,
    key: EcKey<Private>,
}

impl PrivateKey {
    pub(super) fn generate(kind: KeyKind) -> Result<Self, KeystoreError> {
        let key = EcKey::generate(&*group(kind)?)?;
        Ok(Self { kind, key })
    }

    /// Kind octet and the scalar, big-endian, at the curve's full length: the plain text of a sealed key.
    pub(super) fn to_octets(&self) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let length = scalar_octets(self.kind);
        let scalar = Zeroizing::new(self.key.private_key().to_vec_padded(length)?);
        let mut octets = Zeroizing::new(Vec::with_capacity(1 + scalar.len()));
        octets.push(kind_octet(self.kind));
        octets.extend_from_slice(&scalar);
        Ok(octets)
    }

    pub(super) fn from_octets(octets: &[u8]) -> Result<Self, KeystoreError> {
        let kind = match octets.first() {
            Some(1) => KeyKind::EcP256,
            Some(2) => KeyKind::EcP384,
            Some(_) | None => return Err(KeystoreError::DoesNotOpen),
        };
        let scalar_length = usize::try_from(scalar_octets(kind)).unwrap_or_default();
        if octets.len() != 1 + scalar_length {
            return Err(KeystoreError::DoesNotOpen);
        }
        let group = group(kind)?;
        let mut context = BigNumContext::new()?;
        let mut scalar = BigNum::from_slice(&octets[1..])?;
        scalar.set_const_time();
        let mut point = EcPoint::new(&group)?;
        point.mul_generator2(&group, &scalar, &mut context)?;
        let key = EcKey::from_private_components(&group, &scalar, &point)?;
        scalar.clear();
        Ok(Self { kind, key })
    }

    pub(super) fn public_key(&self) -> Result<PublicKey, KeystoreError> {
        let key = EcKey::from_public_key(self.key.group(), self.key.public_key())?;
        Ok(PublicKey::from_ec(self.kind, key)?)
    }

    pub(super) fn sign(&self, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        match (self.kind, digest) {
            (KeyKind::EcP256, Digest::Sha256(_)) | (KeyKind::EcP384, Digest::Sha384(_)) => {
                Ok(EcdsaSig::sign(digest.as_bytes(), &self.key)?.to_der()?)
            }
            (KeyKind::EcP256, Digest::Sha384(_)) | (KeyKind::EcP384, Digest::Sha256(_)) => Err(KeystoreError::DigestDoesNotFit),
        }
    }

    pub(super) fn agree(&self, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        if self.kind != KeyKind::EcP256 || ephemeral.kind() != PublicKeyKind::EcP256 {
            return Err(KeystoreError::PeerDoesNotFit);
        }
        let own = PKey::from_ec_key(self.key.clone())?;
        let other = ephemeral.to_pkey()?;
        let mut deriver = Deriver::new(&own)?;
        deriver.set_peer(&other)?;
        let mut secret = Secret32(Zeroizing::new([0; 32]));
        let length = deriver.derive(secret.0.as_mut_slice())?;
        if length == 32 { Ok(secret) } else { Err(KeystoreError::PeerDoesNotFit) }
    }
}

fn group(kind: KeyKind) -> Result<EcGroup, KeystoreError> {
    let nid = match kind {
        KeyKind::EcP256 => Nid::X9_62_PRIME256V1,
        KeyKind::EcP384 => Nid::SECP384R1,
    };
    Ok(EcGroup::from_curve_name(nid)?)
}

fn scalar_octets(kind: KeyKind) -> i32 {
    match kind {
        KeyKind::EcP256 => 32,
        KeyKind::EcP384 => 48,
    }
}

fn kind_octet(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::EcP256 => 1,
        KeyKind::EcP384 => 2,
    }
}
