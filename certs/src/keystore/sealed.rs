//! Sealed boxes under a master key: `version 1 | salt 32 | AES-256-GCM ciphertext and tag`.
//!
//! Each box has a key and nonce of its own, HKDF-SHA256 over the master key and a random salt of 256 bits, so that no number of boxes
//! comes near the birthday bound of random 96-bit nonces (NIST SP 800-38D section 8.3).

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::private_key::PrivateKey;
use super::{Digest, KeyKind, KeystoreError, MasterKey, RsaPadding, Secret32};
use crate::archive::EncryptionCertificate;
use crate::public_key::PublicKey;

const VERSION: u8 = 1;
const SALT: usize = 32;
/// Largest plain text of one box.
pub(super) const LIMIT_BYTES: usize = 64 * 1024 * 1024;

/// What every software keystore does with its master key; the stores differ only in where labelled keys lie.
pub(super) struct Sealer {
    master: MasterKey,
}

/// The half of [`super::Keystore`] that every store with a `sealer` of its own answers alike: all but the labelled keys.
macro_rules! at_rest {
    () => {
        fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, KeystoreError> {
            self.sealer.seal(b"wrap", plain, context)
        }

        fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
            self.sealer.open(b"wrap", wrapped, context)
        }

        fn generate_wrapped(&self, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), KeystoreError> {
            self.sealer.generate_wrapped(kind, context)
        }

        fn sign_wrapped(&self, wrapped: &[u8], context: &[u8], digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
            self.sealer.sign_wrapped(wrapped, context, digest)
        }

        fn agree_wrapped(&self, wrapped: &[u8], context: &[u8], ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
            self.sealer.agree_wrapped(wrapped, context, ephemeral)
        }

        fn release_wrapped(
            &self,
            wrapped: &[u8],
            context: &[u8],
            certificate: &EncryptionCertificate,
        ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
            self.sealer.release_wrapped(wrapped, context, certificate)
        }

        fn hmac(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], KeystoreError> {
            self.sealer.hmac(purpose, data)
        }
    };
}
pub(super) use at_rest;

impl Sealer {
    pub(super) fn new(master: MasterKey) -> Self {
        Self { master }
    }

    pub(super) fn seal(&self, purpose: &[u8], plain: &[u8], context: &[u8]) -> Result<Vec<u8>, KeystoreError> {
        if plain.len() > LIMIT_BYTES {
            return Err(KeystoreError::TooLarge { size_bytes: plain.len(), limit_bytes: LIMIT_BYTES });
        }
        let mut sealed = vec![0u8; 1 + SALT];
        sealed[0] = VERSION;
        fill_random(&mut sealed[1..])?;
        let (cipher, nonce) = self.cipher(purpose, &sealed[1..])?;
        let payload = Payload { msg: plain, aad: context };
        let ciphertext = cipher.encrypt(Nonce::from_slice(nonce.as_slice()), payload).map_err(|_| KeystoreError::DoesNotOpen)?;
        sealed.extend_from_slice(&ciphertext);
        Ok(sealed)
    }

    pub(super) fn open(&self, purpose: &[u8], sealed: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        match sealed.first() {
            Some(&VERSION) if sealed.len() > 1 + SALT => {}
            // Version 2 is a token's (see `pkcs11`): simply another keystore's.
            Some(&VERSION | 2) | None => return Err(KeystoreError::DoesNotOpen),
            Some(&version) => return Err(KeystoreError::UnknownVersion { version }),
        }
        let (cipher, nonce) = self.cipher(purpose, &sealed[1..=SALT])?;
        let payload = Payload { msg: &sealed[1 + SALT..], aad: context };
        cipher.decrypt(Nonce::from_slice(nonce.as_slice()), payload).map(Zeroizing::new).map_err(|_| KeystoreError::DoesNotOpen)
    }

    fn cipher(&self, purpose: &[u8], salt: &[u8]) -> Result<(Aes256Gcm, [u8; 12]), KeystoreError> {
        let mut material = Zeroizing::new([0u8; 44]);
        Hkdf::<Sha256>::new(Some(salt), self.master.expose())
            .expand_multi_info(&[b"segl/keystore/v1/", purpose], material.as_mut_slice())
            .map_err(|_| KeystoreError::DoesNotOpen)?;
        let mut nonce = [0u8; 12];
        nonce.copy_from_slice(&material[32..]);
        let cipher = Aes256Gcm::new(Key::<Aes256Gcm>::from_slice(&material[..32]));
        Ok((cipher, nonce))
    }

    pub(super) fn generate_wrapped(&self, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), KeystoreError> {
        let key = PrivateKey::generate(kind)?;
        let wrapped = self.seal(b"key", &key.to_octets()?, context)?;
        Ok((wrapped, key.public_key()?))
    }

    pub(super) fn sign_wrapped(&self, wrapped: &[u8], context: &[u8], digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.open_key(wrapped, context)?.sign(RsaPadding::Pss, digest)
    }

    pub(super) fn agree_wrapped(&self, wrapped: &[u8], context: &[u8], ephemeral: &PublicKey) -> Result<Secret32, KeystoreError> {
        self.open_key(wrapped, context)?.agree(ephemeral)
    }

    pub(super) fn release_wrapped(
        &self,
        wrapped: &[u8],
        context: &[u8],
        certificate: &EncryptionCertificate,
    ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let key = self.open_key(wrapped, context)?;
        if key.public_key()? == *certificate.public_key() { key.to_pkcs8() } else { Err(KeystoreError::DoesNotOpen) }
    }

    fn open_key(&self, wrapped: &[u8], context: &[u8]) -> Result<PrivateKey, KeystoreError> {
        PrivateKey::from_octets(&self.open(b"key", wrapped, context)?)
    }

    pub(super) fn hmac(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], KeystoreError> {
        let mut key = Zeroizing::new([0u8; 32]);
        Hkdf::<Sha256>::new(None, self.master.expose())
            .expand_multi_info(&[b"segl/keystore/v1/hmac/", purpose.as_bytes()], key.as_mut_slice())
            .map_err(|_| KeystoreError::DoesNotOpen)?;
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_slice()).map_err(|_| KeystoreError::DoesNotOpen)?;
        mac.update(data);
        Ok(mac.finalize().into_bytes().into())
    }
}

/// The keystore's own randomness, for keys' companions: salts, nonces, names of drafts.
#[expect(clippy::disallowed_methods, reason = "the keystore is the one place of this crate that draws randomness")]
pub(crate) fn fill_random(octets: &mut [u8]) -> Result<(), openssl::error::ErrorStack> {
    openssl::rand::rand_bytes(octets)
}
