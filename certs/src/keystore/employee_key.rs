//! The blob of an employee's signing key (`security.md` section 2): the keystore's wrapped key, sealed once more under a secret that
//! only the person can open. With database and keystore in hand and no password, nothing here opens.
//!
//! `outer = version 1 | nonce 12 | AES-256-GCM(HKDF-SHA256(S, salt, "segl/key/v1"), inner, aad = version | serial | account | SPKI hash)`

use hkdf::Hkdf;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::Secret32;
use super::opener::{self, OpenerError};
use crate::serial::Serial;

const VERSION: u8 = 1;

/// To what the blob is bound: a blob moved to another row does not open.
#[derive(Clone, Copy, Debug)]
pub struct Binding<'a> {
    /// Serial number of the certificate.
    pub serial: &'a Serial,
    /// The account of the employee.
    pub account: Uuid,
    /// SHA-256 of the public key's SubjectPublicKeyInfo.
    pub spki_sha256: &'a [u8; 32],
}

/// Why a blob does not open.
#[derive(Debug, thiserror::Error)]
pub enum EmployeeKeyError {
    /// A wrong secret or salt, another binding, or a changed byte.
    #[error("the signing key does not open")]
    DoesNotOpen,
    /// The system gave no randomness.
    #[error("no randomness for sealing the key")]
    Randomness(#[source] openssl::error::ErrorStack),
    /// A newer format than this release knows.
    #[error("the sealed signing key has format version {version}, which this release does not know")]
    UnknownVersion {
        /// Version octet found.
        version: u8,
    },
}

/// Seals `inner`, the keystore's wrapped key, under the person's secret `S`.
///
/// # Errors
/// [`EmployeeKeyError::Randomness`].
pub fn seal(inner: &[u8], secret: &Secret32, salt: &[u8; 32], binding: &Binding<'_>) -> Result<Vec<u8>, EmployeeKeyError> {
    let key = derive(secret, salt)?;
    let sealed = opener::seal(key.expose(), inner, &aad(binding)).map_err(from_opener)?;
    let mut outer = Vec::with_capacity(1 + sealed.len());
    outer.push(VERSION);
    outer.extend_from_slice(&sealed);
    Ok(outer)
}

/// Opens `outer` to the keystore's wrapped key.
///
/// # Errors
/// [`EmployeeKeyError::DoesNotOpen`], [`EmployeeKeyError::UnknownVersion`].
pub fn open(outer: &[u8], secret: &Secret32, salt: &[u8; 32], binding: &Binding<'_>) -> Result<Zeroizing<Vec<u8>>, EmployeeKeyError> {
    match outer.first() {
        Some(&VERSION) => {}
        Some(&version) => return Err(EmployeeKeyError::UnknownVersion { version }),
        None => return Err(EmployeeKeyError::DoesNotOpen),
    }
    let key = derive(secret, salt)?;
    opener::open(key.expose(), &outer[1..], &aad(binding)).map_err(from_opener)
}

fn derive(secret: &Secret32, salt: &[u8; 32]) -> Result<Secret32, EmployeeKeyError> {
    let mut key = Zeroizing::new([0u8; 32]);
    Hkdf::<Sha256>::new(Some(salt), secret.expose())
        .expand(b"segl/key/v1", key.as_mut_slice())
        .map_err(|_| EmployeeKeyError::DoesNotOpen)?;
    Ok(Secret32(key))
}

/// The serial is the only part of varying length, so its length stands before it.
fn aad(binding: &Binding<'_>) -> Vec<u8> {
    let serial = binding.serial.as_bytes();
    let mut aad = Vec::with_capacity(2 + serial.len() + 16 + 32);
    aad.push(VERSION);
    aad.push(u8::try_from(serial.len()).unwrap_or(u8::MAX));
    aad.extend_from_slice(serial);
    aad.extend_from_slice(binding.account.as_bytes());
    aad.extend_from_slice(binding.spki_sha256);
    aad
}

fn from_opener(error: OpenerError) -> EmployeeKeyError {
    match error {
        OpenerError::DoesNotOpen => EmployeeKeyError::DoesNotOpen,
        OpenerError::Randomness(source) => EmployeeKeyError::Randomness(source),
    }
}
