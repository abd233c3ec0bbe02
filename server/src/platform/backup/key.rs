//! The offline key pair: the public half stands in the configuration, the private half in a safe.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hpke::{Deserializable as _, Kem as _, Serializable as _, kem::DhP256HkdfSha256};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::BackupError;
use crate::platform::random::{self, Random};

type Kem = DhP256HkdfSha256;

const PUBLIC: &str = "segl-backup-public-1:";
const PRIVATE: &str = "segl-backup-private-1:";

/// To whom backups are sealed. Its text: `segl-backup-public-1:` and the uncompressed P-256 point in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(<Kem as hpke::Kem>::PublicKey);

impl PublicKey {
    /// Reads its text.
    ///
    /// # Errors
    /// [`BackupError::Key`].
    pub fn parse(text: &str) -> Result<Self, BackupError> {
        let wrong = BackupError::Key { what: "a backup's public key", begins: PUBLIC, length: 87 };
        let octets = text.trim().strip_prefix(PUBLIC).and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok());
        octets.and_then(|octets| <Kem as hpke::Kem>::PublicKey::from_bytes(&octets).ok()).map(Self).ok_or(wrong)
    }

    /// Its text.
    pub fn text(&self) -> String {
        format!("{PUBLIC}{}", URL_SAFE_NO_PAD.encode(self.0.to_bytes()))
    }

    /// SHA-256 of its octets: what the head of a backup names it by.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.to_bytes()).into()
    }

    /// A short name for people: the first eight octets of its hash.
    pub fn name(&self) -> String {
        name_of(&self.hash())
    }

    pub(super) fn inner(&self) -> &<Kem as hpke::Kem>::PublicKey {
        &self.0
    }
}

/// The name of a key by its hash.
pub(super) fn name_of(hash: &[u8; 32]) -> String {
    hex::encode(&hash[..8])
}

/// What opens backups. Prints nothing. Its text: `segl-backup-private-1:` and the P-256 scalar in base64url.
pub struct PrivateKey {
    inner: <Kem as hpke::Kem>::PrivateKey,
    public: PublicKey,
}

impl PrivateKey {
    /// Makes one (RFC 9180 section 7.1.3, `DeriveKeyPair` of 32 random octets).
    pub fn generate(random: &dyn Random) -> Self {
        let seed = Zeroizing::new(random::bytes::<32>(random));
        let (inner, public) = Kem::derive_keypair(seed.as_slice());
        Self { inner, public: PublicKey(public) }
    }

    /// Reads its text.
    ///
    /// # Errors
    /// [`BackupError::Key`].
    pub fn parse(text: &str) -> Result<Self, BackupError> {
        let wrong = BackupError::Key { what: "a backup's private key", begins: PRIVATE, length: 43 };
        let octets = text.trim().strip_prefix(PRIVATE).and_then(|rest| URL_SAFE_NO_PAD.decode(rest).ok()).map(Zeroizing::new);
        let inner = octets.and_then(|octets| <Kem as hpke::Kem>::PrivateKey::from_bytes(&octets).ok()).ok_or(wrong)?;
        let public = PublicKey(Kem::sk_to_pk(&inner));
        Ok(Self { inner, public })
    }

    /// Its text, for the one file that is put into the safe.
    pub fn text(&self) -> Zeroizing<String> {
        let octets = self.inner.to_bytes();
        Zeroizing::new(format!("{PRIVATE}{}", URL_SAFE_NO_PAD.encode(octets)))
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn inner(&self) -> &<Kem as hpke::Kem>::PrivateKey {
        &self.inner
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::platform::testing::SeededRandom;

    #[test]
    fn both_halves_are_read_as_they_are_written() {
        let private = PrivateKey::generate(&SeededRandom::new(1));
        let again = PrivateKey::parse(&format!("{}\n", private.text().as_str())).unwrap();
        assert_eq!(again.public(), private.public());
        let public = PublicKey::parse(&private.public().text()).unwrap();
        assert_eq!((public.name(), public.text().len()), (private.public().name(), PUBLIC.len() + 87));
        assert_eq!(private.text().len(), PRIVATE.len() + 43);
    }

    #[test]
    fn a_half_is_never_taken_for_the_other() {
        let private = PrivateKey::generate(&SeededRandom::new(2));
        assert!(PublicKey::parse(&private.text()).is_err() && PrivateKey::parse(&private.public().text()).is_err());
        let error = PrivateKey::parse("segl-backup-private-1:AAAA").err().unwrap().to_string();
        assert!(error.contains("43 signs"), "{error}");
        assert!(PublicKey::parse(&format!("{PUBLIC}{}", "A".repeat(87))).is_err(), "no point of the curve");
    }
}
