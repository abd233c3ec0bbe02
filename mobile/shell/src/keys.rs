//! The keys of one pairing: on the desktop in a file under the PIN; on phones in key hardware, whose system asks the person before they are used.
//!
//! Phones without a screen lock have no such keys: they are refused, and never kept in a file instead. Where keys rest is told to the app when
//! it begins ([`Rest`]), so that tests can stand in for a phone's hardware.

use std::path::Path;
use std::sync::Arc;

use keycard::soft::{Cost, FileShelf, SoftKeys};
use keycard::{CreatedKey, DeviceKey, DeviceKeyError, PhoneId, PhoneKeys, Protection, PublicKey, SharedSecret, Signature, UserAuth};
use rand_core::OsRng;
use serde::Serialize;

use crate::error::AppError;

const KEYS_FILE: &str = "keys";
/// What the system's prompt says. What is approved stands on the screen behind it.
const PROMPT: &str = "Segl";

/// What the system asks the person for before it uses keys in hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// Finger or face, for each use: iPhones.
    Biometrics,
    /// These or the phone's own code; to agree, not again within seconds: Android.
    BiometricsOrCode,
}

impl Asks {
    /// On this platform.
    pub const HERE: Self = if cfg!(target_os = "ios") { Self::Biometrics } else { Self::BiometricsOrCode };
}

/// A phone's key hardware.
pub trait Hardware: Send + Sync {
    /// The keys of this pairing in it, there already or to be made.
    fn keys(&self, phone: PhoneId) -> Box<dyn DeviceKey>;
}

/// Where the keys of this device rest.
#[derive(Clone)]
pub enum Rest {
    /// In files under PINs, of which stretching a new one costs so much.
    File(Cost),
    /// In hardware: then there is no PIN.
    Hardware(Arc<dyn Hardware>),
}

impl From<Cost> for Rest {
    fn from(cost: Cost) -> Self {
        Self::File(cost)
    }
}

impl Rest {
    /// Where this program's platform keeps keys.
    #[must_use]
    pub fn of_this_device() -> Self {
        #[cfg(mobile)]
        return Self::Hardware(Arc::new(Telephone));
        #[cfg(not(mobile))]
        Self::File(Cost::PHONE)
    }

    /// Whether the keys of new pairings rest in hardware.
    #[must_use]
    pub fn is_hardware(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Hardware(_) => true,
        }
    }
}

/// The telephone that this program runs on.
#[cfg(mobile)]
struct Telephone;

#[cfg(mobile)]
impl Hardware for Telephone {
    fn keys(&self, phone: PhoneId) -> Box<dyn DeviceKey> {
        // Until the keys are made, or asked about, the lesser of what hardware gives.
        Box::new(tauri_plugin_device_key::HardwareKeys::new(&phone.to_string(), Protection::Tee))
    }
}

/// The keys of one pairing.
pub enum Keys {
    /// In the phone's key hardware.
    Hardware(Box<dyn DeviceKey>),
    /// In a file under the PIN.
    Soft(SoftKeys),
}

impl Keys {
    /// The keys of a pairing, there already or to be made. A phone's lie in its hardware under the pairing's id, the desktop's in its folder.
    #[must_use]
    pub fn of(phone: PhoneId, folder: &Path, rest: &Rest) -> Self {
        match rest {
            Rest::File(cost) => Self::Soft(SoftKeys::new(Box::new(FileShelf::new(folder.join(KEYS_FILE))), Box::new(OsRng), *cost)),
            Rest::Hardware(hardware) => Self::Hardware(hardware.keys(phone)),
        }
    }

    /// How the person lets unlocked keys be used.
    #[must_use]
    pub fn auth(&self) -> UserAuth<'static> {
        match self {
            Self::Hardware(_) => UserAuth::Prompt { reason: PROMPT },
            Self::Soft(_) => UserAuth::Unlocked,
        }
    }

    /// Whether a PIN opens them.
    #[must_use]
    pub fn has_pin(&self) -> bool {
        match self {
            Self::Hardware(_) => false,
            Self::Soft(_) => true,
        }
    }

    /// Those that have a PIN.
    ///
    /// # Errors
    /// [`AppError::NoPin`].
    pub fn soft(&mut self) -> Result<&mut SoftKeys, AppError> {
        match self {
            Self::Hardware(_) => Err(AppError::NoPin),
            Self::Soft(keys) => Ok(keys),
        }
    }

    /// Forgets what was opened.
    pub fn lock(&mut self) {
        match self {
            Self::Hardware(_) => {}
            Self::Soft(keys) => keys.lock(),
        }
    }

    /// Whether they lie in memory, opened. Those in hardware never do.
    #[must_use]
    pub fn are_open(&self) -> bool {
        match self {
            Self::Hardware(_) => false,
            Self::Soft(keys) => keys.is_unlocked(),
        }
    }

    fn key(&self) -> &dyn DeviceKey {
        match self {
            Self::Hardware(keys) => keys.as_ref(),
            Self::Soft(keys) => keys,
        }
    }

    fn key_mut(&mut self) -> &mut dyn DeviceKey {
        match self {
            Self::Hardware(keys) => keys.as_mut(),
            Self::Soft(keys) => keys,
        }
    }
}

impl DeviceKey for Keys {
    fn create(&mut self, label: &str, challenge: &[u8], auth: UserAuth<'_>) -> Result<CreatedKey, DeviceKeyError> {
        self.key_mut().create(label, challenge, auth)
    }

    fn public_key(&self) -> Result<PhoneKeys, DeviceKeyError> {
        self.key().public_key()
    }

    fn sign(&self, message: &[u8], auth: UserAuth<'_>) -> Result<Signature, DeviceKeyError> {
        self.key().sign(message, auth)
    }

    fn agree(&self, peer: &PublicKey, auth: UserAuth<'_>) -> Result<SharedSecret, DeviceKeyError> {
        self.key().agree(peer, auth)
    }

    fn destroy(&mut self) -> Result<(), DeviceKeyError> {
        self.key_mut().destroy()
    }

    fn protection(&self) -> Protection {
        self.key().protection()
    }
}
