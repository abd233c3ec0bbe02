//! Employees' keys: made wrapped, sealed under a secret of their own, which only the password opens (`security.md` section 2).
//!
//! Everything here blocks and runs inside one keystore call; secrets wipe themselves when it ends.

use certs::{
    keystore::{
        Digest, KeyKind, Keystore, Secret32,
        employee_key::{self, Binding},
        opener::OpenerKey,
    },
    public_key::PublicKey,
    serial::Serial,
};

use super::{CertificateError, PasswordProtection};
use crate::{
    archives,
    platform::{
        id::{AccountId, CertificateId, Id as _},
        secret::Secret,
    },
};

/// A password's protection that can travel to the keystore's thread.
#[derive(Clone)]
pub(super) struct Lock {
    pub(super) account: AccountId,
    salt: Vec<u8>,
    prk: Secret<[u8; 32]>,
}

impl Lock {
    pub(super) fn of(protection: &PasswordProtection<'_>) -> Self {
        Self { account: protection.account, salt: protection.salt.clone(), prk: protection.prk.clone() }
    }

    /// HKDF(prk | keystore.hmac("pepper", account | salt), "seal").
    fn opener_key(&self, keystore: &dyn Keystore) -> Result<OpenerKey, CertificateError> {
        let pepper = keystore.hmac("pepper", &[self.account.uuid().as_bytes(), self.salt.as_slice()].concat())?;
        Ok(OpenerKey::derive(self.prk.reveal(), &pepper)?)
    }

    fn seal(&self, keystore: &dyn Keystore, id: CertificateId, secret: &Secret32) -> Result<Vec<u8>, CertificateError> {
        Ok(self.opener_key(keystore)?.seal(secret, &opener_context(id))?)
    }

    fn open(&self, keystore: &dyn Keystore, id: CertificateId, sealed: &[u8]) -> Result<Secret32, CertificateError> {
        Ok(self.opener_key(keystore)?.open(sealed, &opener_context(id))?)
    }
}

impl PasswordProtection<'_> {
    /// What opens the account's part of the archive.
    pub(super) fn archive_lock(&self) -> archives::Lock {
        archives::Lock::of_person(self.account, &self.salt, self.prk, self.strength)
    }
}

/// What rows keep of a signing key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) salt: Vec<u8>,
    pub(super) spki_hash: Vec<u8>,
    pub(super) sealed: Vec<u8>,
    pub(super) opener: Vec<u8>,
}

/// A key under nothing but the keystore, on its way to being sealed.
pub(super) struct Wrapped {
    pub(super) inner: Vec<u8>,
    pub(super) public_key: PublicKey,
}

/// A P-256 key that the keystore does not keep.
pub(super) fn make(keystore: &dyn Keystore, id: CertificateId) -> Result<Wrapped, CertificateError> {
    let (inner, public_key) = keystore.generate_wrapped(KeyKind::EcP256, &key_context(id))?;
    Ok(Wrapped { inner, public_key })
}

/// Seals a key under a secret of its own, and that under the password.
pub(super) fn seal(
    keystore: &dyn Keystore,
    (id, serial): (CertificateId, &Serial),
    key: &Wrapped,
    (secret, salt): (&Secret32, &[u8; 32]),
    lock: &Lock,
) -> Result<Blob, CertificateError> {
    let spki_sha256 = key.public_key.spki_sha256();
    let binding = Binding { serial, account: lock.account.uuid(), spki_sha256: &spki_sha256 };
    let sealed = employee_key::seal(&key.inner, secret, salt, &binding)?;
    Ok(Blob { salt: salt.to_vec(), spki_hash: spki_sha256.to_vec(), sealed, opener: lock.seal(keystore, id, secret)? })
}

/// What opens a key: the password, or its secret, released by a phone.
pub(super) enum Key {
    /// The password.
    Password(Lock),
    /// The secret.
    Secret(AccountId, Secret32),
}

/// The secret of a key, by the password. A wrong password is [`CertificateError::WrongPassword`].
pub(super) fn secret(keystore: &dyn Keystore, id: CertificateId, blob: &Blob, lock: &Lock) -> Result<Secret32, CertificateError> {
    lock.open(keystore, id, &blob.opener)
}

/// The key under nothing but the keystore.
fn open(
    (id, serial): (CertificateId, &Serial),
    blob: &Blob,
    (account, secret): (AccountId, &Secret32),
) -> Result<(zeroize::Zeroizing<Vec<u8>>, Vec<u8>), CertificateError> {
    let (salt, spki_sha256) = (fixed(&blob.salt)?, fixed(&blob.spki_hash)?);
    let binding = Binding { serial, account: account.uuid(), spki_sha256: &spki_sha256 };
    Ok((employee_key::open(&blob.sealed, secret, &salt, &binding)?, key_context(id)))
}

/// Opens the key and signs one digest. A wrong password is [`CertificateError::WrongPassword`], a wrong secret
/// [`CertificateError::EmployeeKey`].
pub(super) fn sign(
    keystore: &dyn Keystore,
    certificate: (CertificateId, &Serial),
    blob: &Blob,
    key: &Key,
    digest: [u8; 32],
) -> Result<Vec<u8>, CertificateError> {
    let (inner, context) = match key {
        Key::Password(lock) => open(certificate, blob, (lock.account, &secret(keystore, certificate.0, blob, lock)?))?,
        Key::Secret(account, released) => open(certificate, blob, (*account, released))?,
    };
    Ok(keystore.sign_wrapped(&inner, &context, &Digest::Sha256(digest))?)
}

/// The same key under another secret, and that under the same password.
pub(super) fn renew(
    keystore: &dyn Keystore,
    (id, serial): (CertificateId, &Serial),
    blob: &Blob,
    (new, salt): (&Secret32, &[u8; 32]),
    lock: &Lock,
) -> Result<Blob, CertificateError> {
    let old = secret(keystore, id, blob, lock)?;
    let (inner, _) = open((id, serial), blob, (lock.account, &old))?;
    let spki_sha256 = fixed(&blob.spki_hash)?;
    let binding = Binding { serial, account: lock.account.uuid(), spki_sha256: &spki_sha256 };
    let sealed = employee_key::seal(&inner, new, salt, &binding)?;
    Ok(Blob { salt: salt.to_vec(), spki_hash: blob.spki_hash.clone(), sealed, opener: lock.seal(keystore, id, new)? })
}

/// A key's secret under another password, once it has opened the key. A wrong one is [`CertificateError::EmployeeKey`].
pub(super) fn reseal(
    keystore: &dyn Keystore,
    (id, serial): (CertificateId, &Serial),
    blob: &Blob,
    secret: &Secret32,
    lock: &Lock,
) -> Result<Vec<u8>, CertificateError> {
    open((id, serial), blob, (lock.account, secret))?;
    lock.seal(keystore, id, secret)
}

/// The same secret under another password.
pub(super) fn rewrap(
    keystore: &dyn Keystore,
    id: CertificateId,
    sealed: &[u8],
    (old, new): (&Lock, &Lock),
) -> Result<Vec<u8>, CertificateError> {
    let secret = old.open(keystore, id, sealed)?;
    new.seal(keystore, id, &secret)
}

fn fixed(octets: &[u8]) -> Result<[u8; 32], CertificateError> {
    octets.try_into().map_err(|_| CertificateError::EmployeeKey(employee_key::EmployeeKeyError::DoesNotOpen))
}

pub(super) fn key_context(id: CertificateId) -> Vec<u8> {
    [b"segl/certificate-key/v1|".as_slice(), id.uuid().as_bytes()].concat()
}

fn opener_context(id: CertificateId) -> Vec<u8> {
    [b"segl/password-opener/v1|".as_slice(), id.uuid().as_bytes()].concat()
}
