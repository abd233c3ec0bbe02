//! The keys that make a phone a key card: one that signs, one that agrees. Where they rest is for the phone to say, honestly.
//!
//! One object is one pairing. Everything here may block (a person is asked) and must not be called where others wait.

use std::fmt;

use crate::pin::Pin;
use crate::public_key::{PublicKey, Signature};
use crate::sealed::SharedSecret;
use crate::secret_bytes::Secret;

/// Where the keys rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protection {
    /// In a file, under a PIN and the server's share.
    SoftwarePin,
    /// In the processor's trusted environment.
    Tee,
    /// In a security chip (Android StrongBox).
    StrongBox,
    /// In Apple's Secure Enclave.
    SecureEnclave,
}

impl Protection {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SoftwarePin, Self::Tee, Self::StrongBox, Self::SecureEnclave];

    /// The word in messages and rows, which never changes.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::SoftwarePin => "software-pin",
            Self::Tee => "tee",
            Self::StrongBox => "strongbox",
            Self::SecureEnclave => "secure-enclave",
        }
    }

    /// The protection with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protection| protection.word() == word)
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// The public halves of a phone's two keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhoneKeys {
    /// Signs decisions.
    pub sign: PublicKey,
    /// Agrees: openers are sealed to it.
    pub agree: PublicKey,
}

/// What making the keys gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedKey {
    /// The public halves.
    pub public_key: PhoneKeys,
    /// What the hardware says about the keys: certificates in DER, the signing key's own first, then the agreeing key's where it has one. `None` where
    /// there is no such hardware.
    pub attestation: Option<Vec<Vec<u8>>>,
}

/// How the person lets a key be used.
#[derive(Clone, Copy)]
pub enum UserAuth<'a> {
    /// A PIN and the server's share, for keys in a file.
    Pin {
        /// What was typed.
        pin: &'a Pin,
        /// What the server gave after the proof of the PIN.
        share: &'a Secret,
    },
    /// The system asks, by fingerprint or face (on Android by its own code too), and shows this text.
    Prompt {
        /// Why, in the person's language.
        reason: &'a str,
    },
    /// The keys were unlocked before, and are used until they are locked again.
    Unlocked,
}

/// Why a key was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceKeyError {
    /// There is a key already. It must be destroyed first.
    #[error("there are keys already")]
    AlreadyThere,
    /// The person broke off.
    #[error("broken off by the person")]
    Cancelled,
    /// The key is destroyed, or made useless by the system: on iPhones by new fingers or faces, on Android by the end of the screen lock.
    #[error("the keys are gone: pair the phone again")]
    Gone,
    /// It is locked: after too many tries, or because nobody unlocked it.
    #[error("the keys are locked")]
    Locked,
    /// This phone has no such keys, does not take this kind of authentication, or cannot reach where they rest.
    #[error("the keys are not available in this way")]
    NotAvailable,
    /// No finger and no face is enrolled, and nothing else would open the keys.
    #[error("no finger and no face is enrolled")]
    NotEnrolled,
    /// The PIN is wrong, or (for keys in a file) the share is.
    #[error("the PIN is wrong")]
    WrongPin {
        /// How many tries are left, if whoever counts has said so. For keys in a file the server counts.
        tries_left: Option<u8>,
    },
}

/// The keys of one pairing, P-256 both.
pub trait DeviceKey: Send + Sync {
    /// Makes the keys. `label` names them to the person; `challenge` goes into the attestation.
    ///
    /// # Errors
    /// [`DeviceKeyError`], [`DeviceKeyError::AlreadyThere`] among them: nothing is overwritten.
    fn create(&mut self, label: &str, challenge: &[u8], auth: UserAuth<'_>) -> Result<CreatedKey, DeviceKeyError>;

    /// The public halves. Nobody is asked.
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    fn public_key(&self) -> Result<PhoneKeys, DeviceKeyError>;

    /// Signs `message` (ES256: the key hashes it with SHA-256 itself).
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    fn sign(&self, message: &[u8], auth: UserAuth<'_>) -> Result<Signature, DeviceKeyError>;

    /// The x coordinate of the agreement with `peer`, as it comes (SEC 1 section 3.3.1), not hashed.
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    fn agree(&self, peer: &PublicKey, auth: UserAuth<'_>) -> Result<SharedSecret, DeviceKeyError>;

    /// Destroys the keys. It is no error if there are none.
    ///
    /// # Errors
    /// [`DeviceKeyError`].
    fn destroy(&mut self) -> Result<(), DeviceKeyError>;

    /// Where the keys rest.
    fn protection(&self) -> Protection;
}
