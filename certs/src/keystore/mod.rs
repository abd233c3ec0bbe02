//! Where private keys and the secrets at rest live. The one place in this crate that may block and that draws its own randomness
//! (OpenSSL's generator: for keys and for the salts of sealed boxes).
//!
//! A private key is in the clear only inside one call; nothing here prints a secret. What is wrapped is bound to its context: it
//! opens only when the caller names the same context again.

pub mod employee_key;
pub mod file;
pub mod master;
pub mod memory;
pub mod opener;
pub mod pkcs11;
mod private_key;
pub mod proof;
pub mod ring;
mod scheme;
pub(crate) mod sealed;
pub mod shares;
mod transfer;

use std::fmt;

use zeroize::Zeroizing;

use crate::archive::EncryptionCertificate;
use crate::key_file::LooseKey;
use crate::public_key::{PublicKey, PublicKeyError, PublicKeyKind};

pub use file::FileKeystore;
pub use master::{MasterKey, MasterKeyError};
pub use memory::MemoryKeystore;
pub use pkcs11::{Pkcs11Keystore, TokenError, TokenName};
pub use ring::Keyring;
pub use scheme::{RsaPadding, Scheme};

/// A store of private keys that signs, agrees, wraps and authenticates without ever giving a private key away.
pub trait Keystore: Send + Sync {
    /// Makes a key under a label that is not yet taken.
    ///
    /// # Errors
    /// [`KeystoreError::LabelTaken`] when it is.
    fn generate(&self, label: &KeyLabel, kind: KeyKind) -> Result<PublicKey, KeystoreError>;

    /// Keeps a key that was made elsewhere under a label that is not yet taken. A token takes none: its keys are made in it.
    ///
    /// # Errors
    /// [`KeystoreError::LabelTaken`], [`KeystoreError::TakesNoKeys`].
    fn import(&self, label: &KeyLabel, key: &LooseKey) -> Result<PublicKey, KeystoreError> {
        let _ = (label, key);
        Err(KeystoreError::TakesNoKeys)
    }

    /// Deletes the key under a label for good, whether it is there or not. A token's keys are not ours to delete.
    ///
    /// # Errors
    /// When the store cannot be written.
    fn destroy(&self, label: &KeyLabel) -> Result<Destroyed, KeystoreError> {
        let _ = label;
        Ok(Destroyed::Kept)
    }

    /// The certificate that lies beside the key under this label, DER, where the store keeps such; or `None`.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn certificate(&self, label: &KeyLabel) -> Result<Option<Vec<u8>>, KeystoreError> {
        let _ = label;
        Ok(None)
    }

    /// The public half of the key under this label, or `None`.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn find(&self, label: &KeyLabel) -> Result<Option<PublicKey>, KeystoreError>;

    /// Signs a digest: ECDSA, as a DER `Ecdsa-Sig-Value`, or RSA with this padding. P-256 and RSA take SHA-256, P-384 takes SHA-384.
    ///
    /// # Errors
    /// [`KeystoreError::NoSuchKey`], [`KeystoreError::DigestDoesNotFit`].
    fn sign_with(&self, label: &KeyLabel, padding: RsaPadding, digest: &Digest) -> Result<Vec<u8>, KeystoreError>;

    /// [`Keystore::sign_with`] under [`RsaPadding::Pss`]; what [`PublicKey::verifies`] checks.
    ///
    /// # Errors
    /// As there.
    fn sign(&self, label: &KeyLabel, digest: &Digest) -> Result<Vec<u8>, KeystoreError> {
        self.sign_with(label, RsaPadding::Pss, digest)
    }

    /// Whether signing with this key is a few microseconds of this process's own work: a P-256 key that lies open in memory. Then nobody need leave
    /// an event loop for it, and a wrong signature could come from a wrong processor only. A store that asks a device says no.
    fn signs_at_once(&self, label: &KeyLabel) -> bool {
        let _ = label;
        false
    }

    /// Decryption with a key-agreement key: the 32-octet ECDH secret between the P-256 key under `label` and the sender's ephemeral key
    /// (RFC 5753 section 3.1.1; the caller applies the key derivation).
    ///
    /// # Errors
    /// [`KeystoreError::NoSuchKey`], [`KeystoreError::PeerDoesNotFit`].
    fn agree(&self, label: &KeyLabel, ephemeral: &PublicKey) -> Result<Secret32, KeystoreError>;

    /// Seals `plain` for rest; `context` must be named again to open it. Adds 49 octets.
    ///
    /// # Errors
    /// [`KeystoreError::TooLarge`] above 64 MiB.
    fn wrap(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, KeystoreError>;

    /// Opens what [`Keystore::wrap`] sealed under the same context.
    ///
    /// # Errors
    /// [`KeystoreError::DoesNotOpen`] for another context, another store or a changed byte.
    fn unwrap(&self, wrapped: &[u8], context: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeystoreError>;

    /// Makes a key that the store does not keep: returned wrapped, to be stored by the caller (`security.md` section 2: `inner`).
    ///
    /// # Errors
    /// When no key can be made.
    fn generate_wrapped(&self, kind: KeyKind, context: &[u8]) -> Result<(Vec<u8>, PublicKey), KeystoreError>;

    /// Signs with a wrapped key, which is in the clear only inside this call; an RSA key by [`RsaPadding::Pss`].
    ///
    /// # Errors
    /// [`KeystoreError::DoesNotOpen`], [`KeystoreError::DigestDoesNotFit`].
    fn sign_wrapped(&self, wrapped: &[u8], context: &[u8], digest: &Digest) -> Result<Vec<u8>, KeystoreError>;

    /// [`Keystore::agree`] with a wrapped key.
    ///
    /// # Errors
    /// [`KeystoreError::DoesNotOpen`], [`KeystoreError::PeerDoesNotFit`].
    fn agree_wrapped(&self, wrapped: &[u8], context: &[u8], ephemeral: &PublicKey) -> Result<Secret32, KeystoreError>;

    /// The PKCS#8 octets of a wrapped key, so that a decryption key that an earlier release kept here can move into the archive. The
    /// certificate is a proof value that no certificate for signatures gives; a key that is not its own stays where it is. Stores that
    /// never kept such a key need not know how.
    ///
    /// # Errors
    /// [`KeystoreError::DoesNotOpen`].
    fn release_wrapped(
        &self,
        wrapped: &[u8],
        context: &[u8],
        certificate: &EncryptionCertificate,
    ) -> Result<Zeroizing<Vec<u8>>, KeystoreError> {
        let _ = (wrapped, context, certificate);
        Err(KeystoreError::DoesNotOpen)
    }

    /// HMAC-SHA256 under a key of the store's own for this purpose; different purposes share nothing.
    ///
    /// # Errors
    /// When the store cannot be used.
    fn hmac(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], KeystoreError>;
}

/// What became of a key that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Destroyed {
    /// It is there no more.
    Gone,
    /// The store lets nobody but its owner delete it.
    Kept,
}

/// A 32-octet secret that wipes itself and prints nothing.
pub struct Secret32(Zeroizing<[u8; 32]>);

impl Secret32 {
    /// Takes the octets over.
    #[must_use]
    pub fn new(octets: [u8; 32]) -> Self {
        Self(Zeroizing::new(octets))
    }

    /// The octets, for the one call that needs them.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The kind of private key to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// NIST P-256, signing with SHA-256.
    EcP256,
    /// NIST P-384, signing with SHA-384.
    EcP384,
    /// RSA with a modulus of 3,072 bits and exponent 65,537, signing with SHA-256.
    Rsa3072,
    /// RSA with a modulus of 4,096 bits.
    Rsa4096,
}

impl KeyKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::EcP256, Self::EcP384, Self::Rsa3072, Self::Rsa4096];

    /// The kind of a public key's private half; none for one that we do not keep.
    #[must_use]
    pub fn of(public: PublicKeyKind) -> Option<Self> {
        match public {
            PublicKeyKind::EcP256 => Some(Self::EcP256),
            PublicKeyKind::EcP384 => Some(Self::EcP384),
            PublicKeyKind::Rsa { bits: 3072 } => Some(Self::Rsa3072),
            PublicKeyKind::Rsa { bits: 4096 } => Some(Self::Rsa4096),
            PublicKeyKind::Rsa { .. } => None,
        }
    }

    /// The word for this kind, as configuration and database have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EcP256 => "p256",
            Self::EcP384 => "p384",
            Self::Rsa3072 => "rsa3072",
            Self::Rsa4096 => "rsa4096",
        }
    }

    /// The kind of this word, or `None`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A digest to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    /// For P-256 and RSA keys.
    Sha256([u8; 32]),
    /// For P-384 keys.
    Sha384([u8; 48]),
}

impl Digest {
    /// Hashes `message` by the algorithm that goes with `kind`.
    #[must_use]
    pub fn of(kind: KeyKind, message: &[u8]) -> Self {
        use sha2::Digest as _;
        match kind {
            KeyKind::EcP256 | KeyKind::Rsa3072 | KeyKind::Rsa4096 => Self::Sha256(sha2::Sha256::digest(message).into()),
            KeyKind::EcP384 => Self::Sha384(sha2::Sha384::digest(message).into()),
        }
    }

    /// The digest's octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha256(octets) => octets,
            Self::Sha384(octets) => octets,
        }
    }

    pub(crate) fn method(&self) -> &'static openssl::md::MdRef {
        match self {
            Self::Sha256(_) => openssl::md::Md::sha256(),
            Self::Sha384(_) => openssl::md::Md::sha384(),
        }
    }
}

/// The name of a key in the store: lower-case letters, digits, `-` and `.`, 1 to 64 characters, beginning with a letter or digit.
/// Every label is therefore a safe file name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyLabel(String);

impl KeyLabel {
    /// Checks the rule above.
    ///
    /// # Errors
    /// [`KeystoreError::Label`].
    pub fn parse(text: &str) -> Result<Self, KeystoreError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if begins_well && text.len() <= 64 && text.bytes().all(allowed) { Ok(Self(text.to_owned())) } else { Err(KeystoreError::Label) }
    }

    /// The name that no keystore has: keys under `offline.` are elsewhere, for ceremonies only (see [`ring`]).
    pub const OFFLINE: &str = "offline";

    /// This label in the keystore of that name (see [`ring`]).
    ///
    /// # Errors
    /// [`KeystoreError::Label`] when it becomes too long.
    pub fn in_keystore(&self, name: &str) -> Result<Self, KeystoreError> {
        Self::parse(&format!("{name}.{self}"))
    }

    /// The name of the keystore that the label names, if any (see [`ring`]).
    #[must_use]
    pub fn keystore(&self) -> Option<&str> {
        self.0.split_once('.').map(|(name, _)| name)
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why the keystore refuses. No variant carries a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// OpenSSL failed for a reason of its own.
    #[error("the cryptographic library refused the operation")]
    Cryptography(#[from] openssl::error::ErrorStack),
    /// P-256 and RSA keys sign SHA-256 digests, a P-384 key SHA-384 digests.
    #[error("the digest does not fit the kind of key")]
    DigestDoesNotFit,
    /// A sealed box was changed, belongs to another context, or comes from another keystore.
    #[error("the sealed value does not open: changed, of another context, or of another keystore")]
    DoesNotOpen,
    /// A file or directory cannot be read or written.
    #[error("the keystore's file cannot be used ({operation})")]
    File {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A label breaks its rule.
    #[error("a key label is 1 to 64 lower-case letters, digits, '-' and '.', beginning with a letter or digit")]
    Label,
    /// A key stands under this label already.
    #[error("the keystore has a key under {label} already")]
    LabelTaken {
        /// The label asked for.
        label: KeyLabel,
    },
    /// Keys lie in the directory but not the file that tells whether the master key is theirs.
    #[error("the keystore directory holds keys but not its 'keystore.check'; restore it from the backup")]
    MissingCheck,
    /// No key stands under this label.
    #[error("the keystore has no key under {label}")]
    NoSuchKey {
        /// The label asked for.
        label: KeyLabel,
    },
    /// A label names a keystore that is not configured.
    #[error("the keystore named in {label} is not configured; add it as [keystores.NAME], or correct its name there")]
    NoSuchKeystore {
        /// The label asked for.
        label: KeyLabel,
    },
    /// The key is kept elsewhere, for ceremonies.
    #[error("the key {label} is kept offline; use `segl ceremony` where it is")]
    Offline {
        /// The label asked for.
        label: KeyLabel,
    },
    /// The other side's key is of another kind than ours, or ours is not for agreement (P-256 only).
    #[error("key agreement needs two P-256 keys")]
    PeerDoesNotFit,
    /// Others than the owner may enter the keystore directory.
    #[error("the keystore directory is open to others (mode {mode:o}); make it 0700")]
    DirectoryMode {
        /// Permission bits found.
        mode: u32,
    },
    /// The public half could not be derived.
    #[error("the stored key is damaged")]
    PublicKey(#[from] PublicKeyError),
    /// Keys that were made elsewhere do not come in here.
    #[error("this keystore takes no keys that were made elsewhere")]
    TakesNoKeys,
    /// The token refuses.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// More than a sealed box holds.
    #[error("a sealed value holds at most {limit_bytes} bytes; this has {size_bytes}")]
    TooLarge {
        /// Bytes given.
        size_bytes: usize,
        /// Bytes allowed.
        limit_bytes: usize,
    },
    /// A newer format than this version knows.
    #[error("the sealed value has format version {version}, which this release does not know")]
    UnknownVersion {
        /// Version octet found.
        version: u8,
    },
    /// The directory was made under another master key.
    #[error("the master key is not the one that this keystore was made with")]
    WrongMasterKey,
}
