//! Key pairs in the token: templates, the way back to our public keys, and the signatures in the form that certificates want.

use const_oid::ObjectIdentifier;
use cryptoki::context::Function;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, SessionState};
use cryptoki::types::Ulong;
use der::asn1::OctetStringRef;
use der::{Decode, Encode};
use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::rsa::Rsa;
use zeroize::Zeroizing;

use super::pool::Failure;
use super::{Digest, KeyKind, KeyLabel, KeystoreError, RsaPadding, Secret32, TokenError};
use crate::oid;
use crate::public_key::{PublicKey, PublicKeyKind};

/// A key pair of the token.
pub(super) struct Found {
    pub(super) private: ObjectHandle,
    pub(super) public_key: PublicKey,
    pub(super) kind: KeyKind,
}

/// Where a new key lives.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// In the session only, to be taken out wrapped.
    Session,
    /// In the token for good, under this label.
    Token(&'a KeyLabel),
}

pub(super) fn find(session: &Session, label: &KeyLabel) -> Result<Option<Found>, Failure> {
    let under = |class| [Attribute::Class(class), Attribute::Token(true), Attribute::Label(label.as_str().into())];
    let Some(private) = session.find_objects(&under(ObjectClass::PRIVATE_KEY))?.first().copied() else {
        // Whoever is logged out sees no private object: that is a lost login, not a missing key.
        let logged_in = matches!(session.get_session_info()?.session_state(), SessionState::RwUser | SessionState::RoUser);
        let lost = Error::Pkcs11(RvError::UserNotLoggedIn, Function::FindObjects);
        return if logged_in { Ok(None) } else { Err(lost.into()) };
    };
    let not_usable = || KeystoreError::from(TokenError::KeyNotUsable { label: label.to_string() });
    let public = session.find_objects(&under(ObjectClass::PUBLIC_KEY))?.first().copied().ok_or_else(not_usable)?;
    let public_key = public_key(session, public)?.ok_or_else(not_usable)?;
    let kind = KeyKind::of(public_key.kind()).ok_or_else(not_usable)?;
    Ok(Some(Found { private, public_key, kind }))
}

/// The certificate object of this label.
pub(super) fn certificate(session: &Session, label: &KeyLabel) -> Result<Option<Vec<u8>>, Failure> {
    let under = [Attribute::Class(ObjectClass::CERTIFICATE), Attribute::Token(true), Attribute::Label(label.as_str().into())];
    let Some(found) = session.find_objects(&under)?.first().copied() else { return Ok(None) };
    let value = session.get_attributes(found, &[AttributeType::Value])?;
    Ok(value.into_iter().find_map(|attribute| if let Attribute::Value(der) = attribute { Some(der) } else { None }))
}

/// Makes a labelled pair. Another process may have made one of the same label meanwhile: then ours goes again.
pub(super) fn generate(session: &Session, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, Failure> {
    let (public, private) = pair(session, kind, Place::Token(label))?;
    let same = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Token(true), Attribute::Label(label.as_str().into())];
    if session.find_objects(&same)?.len() > 1 {
        session.destroy_object(private)?;
        session.destroy_object(public)?;
        return Err(KeystoreError::LabelTaken { label: label.clone() }.into());
    }
    let made = public_key(session, public)?;
    Ok(made.ok_or_else(|| KeystoreError::from(TokenError::KeyNotUsable { label: label.to_string() }))?)
}

pub(super) fn pair(session: &Session, kind: KeyKind, place: Place<'_>) -> Result<(ObjectHandle, ObjectHandle), Failure> {
    let (mechanism, shape) = match kind {
        KeyKind::EcP256 => (Mechanism::EccKeyPairGen, curve(oid::P256)?),
        KeyKind::EcP384 => (Mechanism::EccKeyPairGen, curve(oid::P384)?),
        KeyKind::Rsa3072 => (Mechanism::RsaPkcsKeyPairGen, modulus(3072)),
        KeyKind::Rsa4096 => (Mechanism::RsaPkcsKeyPairGen, modulus(4096)),
    };
    let mut public = [shape, vec![Attribute::Verify(true)]].concat();
    let mut private = vec![Attribute::Sensitive(true), Attribute::Private(true), Attribute::Sign(true)];
    if kind == KeyKind::EcP256 {
        private.push(Attribute::Derive(true));
    }
    match place {
        Place::Session => {
            public.push(Attribute::Token(false));
            private.extend([Attribute::Token(false), Attribute::Extractable(true)]);
        }
        Place::Token(label) => {
            let named = |token: &mut Vec<Attribute>| {
                token.extend([Attribute::Token(true), Attribute::Label(label.as_str().into()), Attribute::Id(label.as_str().into())]);
            };
            named(&mut public);
            named(&mut private);
            private.push(Attribute::Extractable(false));
        }
    }
    Ok(session.generate_key_pair(&mechanism, &public, &private)?)
}

fn curve(curve: ObjectIdentifier) -> Result<Vec<Attribute>, KeystoreError> {
    Ok(vec![Attribute::EcParams(curve.to_der().map_err(|_| KeystoreError::DoesNotOpen)?)])
}

/// Exponent 65,537.
fn modulus(bits: u64) -> Vec<Attribute> {
    vec![Attribute::ModulusBits(bits.into()), Attribute::PublicExponent(vec![1, 0, 1])]
}

pub(super) fn key_type(kind: KeyKind) -> KeyType {
    match kind {
        KeyKind::EcP256 | KeyKind::EcP384 => KeyType::EC,
        KeyKind::Rsa3072 | KeyKind::Rsa4096 => KeyType::RSA,
    }
}

/// `None` for a kind of key that we do not use.
pub(super) fn public_key(session: &Session, public: ObjectHandle) -> Result<Option<PublicKey>, Failure> {
    let key_type = session.get_attributes(public, &[AttributeType::KeyType])?;
    let spki = if key_type.contains(&Attribute::KeyType(KeyType::EC)) {
        ec_spki(session, public)?
    } else if key_type.contains(&Attribute::KeyType(KeyType::RSA)) {
        rsa_spki(session, public)?
    } else {
        None
    };
    let Some(spki) = spki else { return Ok(None) };
    Ok(Some(PublicKey::from_spki(&spki).map_err(KeystoreError::from)?))
}

fn ec_spki(session: &Session, public: ObjectHandle) -> Result<Option<Vec<u8>>, Failure> {
    let (mut parameters, mut point) = (None, None);
    for attribute in session.get_attributes(public, &[AttributeType::EcParams, AttributeType::EcPoint])? {
        if let Attribute::EcParams(der) = attribute {
            parameters = ObjectIdentifier::from_der(&der).ok();
        } else if let Attribute::EcPoint(octets) = attribute {
            point = Some(octets);
        }
    }
    let (Some(curve), Some(point)) = (parameters, point) else { return Ok(None) };
    // CKA_EC_POINT is the DER OCTET STRING around the point (PKCS#11 v2.40 section 2.3.3); some modules give the bare point.
    let raw = OctetStringRef::from_der(&point).map_or(point.as_slice(), |wrapped| wrapped.as_bytes());
    let spki = spki::SubjectPublicKeyInfo {
        algorithm: spki::AlgorithmIdentifier { oid: oid::EC_PUBLIC_KEY, parameters: Some(curve) },
        subject_public_key: der::asn1::BitStringRef::from_bytes(raw).map_err(|_| KeystoreError::DoesNotOpen)?,
    };
    Ok(Some(spki.to_der().map_err(|_| KeystoreError::DoesNotOpen)?))
}

fn rsa_spki(session: &Session, public: ObjectHandle) -> Result<Option<Vec<u8>>, Failure> {
    let (mut modulus, mut exponent) = (None, None);
    for attribute in session.get_attributes(public, &[AttributeType::Modulus, AttributeType::PublicExponent])? {
        if let Attribute::Modulus(octets) = attribute {
            modulus = Some(octets);
        } else if let Attribute::PublicExponent(octets) = attribute {
            exponent = Some(octets);
        }
    }
    let (Some(modulus), Some(exponent)) = (modulus, exponent) else { return Ok(None) };
    Ok(Some(rsa_der(&modulus, &exponent).map_err(KeystoreError::from)?))
}

fn rsa_der(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    Rsa::from_public_components(BigNum::from_slice(modulus)?, BigNum::from_slice(exponent)?)?.public_key_to_der()
}

/// The token signs the digest: ECDSA, answered as r | s, which becomes a DER `Ecdsa-Sig-Value`; or RSA.
pub(super) fn sign(
    session: &Session,
    (key, kind): (ObjectHandle, KeyKind),
    padding: RsaPadding,
    digest: &Digest,
) -> Result<Vec<u8>, Failure> {
    match (kind, digest) {
        (KeyKind::EcP256, Digest::Sha256(_)) | (KeyKind::EcP384, Digest::Sha384(_)) => {
            let raw = session.sign(&Mechanism::Ecdsa, key, digest.as_bytes())?;
            Ok(ecdsa_der(&raw).map_err(KeystoreError::from)?)
        }
        (KeyKind::Rsa3072 | KeyKind::Rsa4096, Digest::Sha256(digest)) => Ok(match padding {
            RsaPadding::Pss => session.sign(&Mechanism::RsaPkcsPss(PSS), key, digest)?,
            RsaPadding::Pkcs1 => session.sign(&Mechanism::RsaPkcs, key, &[SHA256_INFO, digest].concat())?,
        }),
        (KeyKind::EcP256 | KeyKind::Rsa3072 | KeyKind::Rsa4096, Digest::Sha384(_)) | (KeyKind::EcP384, Digest::Sha256(_)) => {
            Err(KeystoreError::DigestDoesNotFit.into())
        }
    }
}

/// SHA-256, MGF1 with SHA-256, salt of 32 octets: [`RsaPadding::Pss`].
const PSS: PkcsPssParams = PkcsPssParams { hash_alg: MechanismType::SHA256, mgf: PkcsMgfType::MGF1_SHA256, s_len: Ulong::new(32) };
/// What stands before a SHA-256 digest in a DER DigestInfo (RFC 8017 section 9.2, note 1).
const SHA256_INFO: &[u8] =
    &[0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

fn ecdsa_der(raw: &[u8]) -> Result<Vec<u8>, openssl::error::ErrorStack> {
    let (r, s) = raw.split_at(raw.len() / 2);
    EcdsaSig::from_private_components(BigNum::from_slice(r)?, BigNum::from_slice(s)?)?.to_der()
}

pub(super) fn agree(session: &Session, key: ObjectHandle, kind: KeyKind, ephemeral: &PublicKey) -> Result<Secret32, Failure> {
    if kind != KeyKind::EcP256 || ephemeral.kind() != PublicKeyKind::EcP256 {
        return Err(KeystoreError::PeerDoesNotFit.into());
    }
    // SoftHSM2 takes the other's point as CKA_EC_POINT has it, in an OCTET STRING; so do most modules (PKCS#11 v2.40 section 2.3.7).
    let point = OctetStringRef::new(ephemeral.raw()).and_then(|point| point.to_der()).map_err(|_| KeystoreError::PeerDoesNotFit)?;
    let mechanism = Mechanism::Ecdh1Derive(Ecdh1DeriveParams::new(EcKdf::null(), &point));
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::ValueLen(32.into()),
        Attribute::Token(false),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
    ];
    let derived = session.derive_key(&mechanism, key, &template)?;
    let value = session.get_attributes(derived, &[AttributeType::Value]);
    session.destroy_object(derived)?;
    for attribute in value? {
        if let Attribute::Value(octets) = attribute {
            let octets = Zeroizing::new(octets);
            let secret = <[u8; 32]>::try_from(octets.as_slice()).map_err(|_| KeystoreError::PeerDoesNotFit)?;
            return Ok(Secret32::new(secret));
        }
    }
    Err(KeystoreError::PeerDoesNotFit.into())
}
