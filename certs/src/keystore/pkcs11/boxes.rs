//! The token's own secrets, and what is sealed under them.
//!
//! Sealed text: `version 2 | salt 32 | AES-256-GCM(K, nonce 0, text, aad = context)`, where `K = HMAC(token, "box" | salt)` is used once.
//! Wrapped key: `version 2 | kind | salt 32 | AES-KWP(key)` (RFC 5649), where the wrapping key is derived in the token, for this box only:
//! `CKM_AES_CBC_ENCRYPT_DATA` over SHA-256 of kind, salt and context. A box of another context, token or kind does not unwrap.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::ekdf::AesCbcDeriveParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::keys::{self, Place};
use super::pool::Failure;
use super::{KeyKind, KeystoreError, TokenError};
use crate::keystore::sealed::{LIMIT_BYTES, fill_random};
use crate::public_key::PublicKey;

const VERSION: u8 = 2;
const SALT: usize = 32;

/// A secret key of the token that is made once and never leaves it.
pub(super) struct Secret {
    pub(super) label: &'static str,
    key_type: KeyType,
    made_by: fn() -> Mechanism<'static>,
    uses: fn() -> Attribute,
}

/// HMAC-SHA256: hmac, and the keys of sealed text.
pub(super) static MAC: Secret = Secret {
    label: "segl.secret",
    key_type: KeyType::GENERIC_SECRET,
    made_by: || Mechanism::GenericSecretKeyGen,
    uses: || Attribute::Sign(true),
};

/// AES-256, only to derive the wrapping key of one box.
pub(super) static WRAPPING: Secret =
    Secret { label: "segl.wrapping", key_type: KeyType::AES, made_by: || Mechanism::AesKeyGen, uses: || Attribute::Derive(true) };

impl Secret {
    pub(super) fn find_or_make(&self, session: &Session) -> Result<ObjectHandle, Failure> {
        let named = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(self.key_type),
            Attribute::Token(true),
            Attribute::Label(self.label.into()),
        ];
        if let Some(found) = session.find_objects(&named)?.first() {
            return Ok(*found);
        }
        let rules = [Attribute::ValueLen(32.into()), Attribute::Private(true), Attribute::Sensitive(true), Attribute::Extractable(false)];
        let template: Vec<Attribute> = named.into_iter().chain(rules).chain([(self.uses)()]).collect();
        Ok(session.generate_key(&(self.made_by)(), &template)?)
    }
}

pub(super) fn hmac(session: &Session, secret: ObjectHandle, purpose: &str, data: &[u8]) -> Result<[u8; 32], Failure> {
    let length = u16::try_from(purpose.len()).unwrap_or(u16::MAX).to_be_bytes();
    mac(session, secret, &[b"segl/keystore/v2/hmac/".as_slice(), &length, purpose.as_bytes(), data].concat())
}

/// The key of one box of sealed text.
pub(super) fn box_secret(session: &Session, secret: ObjectHandle, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, Failure> {
    mac(session, secret, &[b"segl/keystore/v2/box/".as_slice(), salt].concat()).map(Zeroizing::new)
}

fn mac(session: &Session, secret: ObjectHandle, message: &[u8]) -> Result<[u8; 32], Failure> {
    let value = session.sign(&Mechanism::Sha256Hmac, secret, message).map_err(|error| missing(error, "CKM_SHA256_HMAC"))?;
    Ok(<[u8; 32]>::try_from(value.as_slice()).map_err(|_| KeystoreError::DoesNotOpen)?)
}

type BoxKey = Zeroizing<[u8; 32]>;

pub(super) fn seal(
    plain: &[u8],
    context: &[u8],
    key: impl FnOnce(&[u8]) -> Result<BoxKey, KeystoreError>,
) -> Result<Vec<u8>, KeystoreError> {
    if plain.len() > LIMIT_BYTES {
        return Err(KeystoreError::TooLarge { size_bytes: plain.len(), limit_bytes: LIMIT_BYTES });
    }
    let mut sealed = vec![VERSION; 1 + SALT];
    fill_random(&mut sealed[1..])?;
    let ciphertext = cipher(&*key(&sealed[1..])?)
        .encrypt(Nonce::from_slice(&[0; 12]), Payload { msg: plain, aad: context })
        .map_err(|_| KeystoreError::DoesNotOpen)?;
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

pub(super) fn open(
    sealed: &[u8],
    context: &[u8],
    key: impl FnOnce(&[u8]) -> Result<BoxKey, KeystoreError>,
) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
    let rest = of_this_version(sealed)?;
    let (salt, ciphertext) = rest.split_at_checked(SALT).ok_or(KeystoreError::DoesNotOpen)?;
    cipher(&*key(salt)?)
        .decrypt(Nonce::from_slice(&[0; 12]), Payload { msg: ciphertext, aad: context })
        .map(Zeroizing::new)
        .map_err(|_| KeystoreError::DoesNotOpen)
}

/// A box of the file keystore (version 1) is simply another keystore's.
fn of_this_version(sealed: &[u8]) -> Result<&[u8], KeystoreError> {
    match sealed.split_first() {
        Some((&VERSION, rest)) => Ok(rest),
        Some((1, _)) | None => Err(KeystoreError::DoesNotOpen),
        Some((&version, _)) => Err(KeystoreError::UnknownVersion { version }),
    }
}

fn cipher(key: &[u8; 32]) -> Aes256Gcm {
    Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(key))
}

pub(super) fn generate(session: &Session, wrapping: ObjectHandle, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), Failure> {
    let mut wrapped = vec![VERSION; 2 + SALT];
    wrapped[1] = octet(kind);
    fill_random(&mut wrapped[2..]).map_err(KeystoreError::from)?;
    let (public, private) = keys::pair(session, kind, Place::Session)?;
    let public_key = keys::public_key(session, public);
    let key = derive(session, wrapping, &wrapped[1..], context)?;
    let ciphertext = session.wrap_key(&Mechanism::AesKeyWrapPad, key, private);
    for object in [key, private, public] {
        session.destroy_object(object)?;
    }
    wrapped.extend(ciphertext.map_err(|error| missing(error, "CKM_AES_KEY_WRAP_PAD"))?);
    Ok((wrapped, public_key?.ok_or(KeystoreError::DoesNotOpen)?))
}

/// Unwraps into a session object that cannot be read, uses it once, and destroys it.
pub(super) fn with_key<T>(
    session: &Session,
    wrapping: ObjectHandle,
    (wrapped, context): (&[u8], &[u8]),
    call: impl FnOnce(ObjectHandle, KeyKind) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let rest = of_this_version(wrapped)?;
    let (header, ciphertext) = rest.split_at_checked(1 + SALT).ok_or(KeystoreError::DoesNotOpen)?;
    let kind = kind_of(header[0])?;
    let key = derive(session, wrapping, header, context)?;
    let template = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::KeyType(keys::key_type(kind)),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
        Attribute::Derive(kind == KeyKind::EcP256),
    ];
    let opened = session.unwrap_key(&Mechanism::AesKeyWrapPad, key, ciphertext, &template);
    session.destroy_object(key)?;
    let opened = opened.map_err(does_not_open)?;
    let outcome = call(opened, kind);
    session.destroy_object(opened)?;
    outcome
}

/// The wrapping key of one box, in the token.
fn derive(session: &Session, wrapping: ObjectHandle, header: &[u8], context: &[u8]) -> Result<ObjectHandle, Failure> {
    let seed: [u8; 32] = Sha256::new().chain_update(b"segl/keystore/v2/key/").chain_update(header).chain_update(context).finalize().into();
    let mechanism = Mechanism::AesCbcEncryptData(AesCbcDeriveParams::new([0; 16], &seed));
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(32.into()),
        Attribute::Token(false),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Wrap(true),
        Attribute::Unwrap(true),
    ];
    session.derive_key(&mechanism, wrapping, &template).map_err(|error| missing(error, "CKM_AES_CBC_ENCRYPT_DATA"))
}

fn missing(error: Error, mechanism: &'static str) -> Failure {
    if matches!(error, Error::Pkcs11(RvError::MechanismInvalid, _)) {
        Failure::Refused(TokenError::MechanismMissing { mechanism }.into())
    } else {
        Failure::Module(error)
    }
}

/// What modules answer to a wrapped key that is not theirs; SoftHSM2 says CKR_GENERAL_ERROR.
fn does_not_open(error: Error) -> Failure {
    let wrong = matches!(
        error,
        Error::Pkcs11(
            RvError::WrappedKeyInvalid
                | RvError::WrappedKeyLenRange
                | RvError::EncryptedDataInvalid
                | RvError::EncryptedDataLenRange
                | RvError::GeneralError
                | RvError::FunctionFailed,
            _
        )
    );
    if wrong { Failure::Refused(KeystoreError::DoesNotOpen) } else { missing(error, "CKM_AES_KEY_WRAP_PAD") }
}

/// Stored: never to be renumbered.
fn octet(kind: KeyKind) -> u8 {
    match kind {
        KeyKind::EcP256 => 1,
        KeyKind::EcP384 => 2,
        KeyKind::Rsa3072 => 3,
        KeyKind::Rsa4096 => 4,
    }
}

fn kind_of(octet: u8) -> Result<KeyKind, KeystoreError> {
    KeyKind::ALL.into_iter().find(|kind| self::octet(*kind) == octet).ok_or(KeystoreError::DoesNotOpen)
}
