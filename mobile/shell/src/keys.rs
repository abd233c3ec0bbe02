//! The keys of one pairing: on the desktop in a file under the PIN; on phones in key hardware, whose system asks the person for each use.
//!
//! Phones without a screen lock have no such keys: they are refused, and never kept in a file instead.

use std::path::Path;

#[cfg(not(mobile))]
use keycard::soft::FileShelf;
use keycard::soft::{Cost, SoftKeys};
use keycard::{CreatedKey, DeviceKey, DeviceKeyError, PhoneId, PhoneKeys, Protection, PublicKey, SharedSecret, Signature, UserAuth};
#[cfg(not(mobile))]
use rand_core::OsRng;
#[cfg(mobile)]
use tauri_plugin_device_key::HardwareKeys;

use crate::error::AppError;

#[cfg(not(mobile))]
const KEYS_FILE: &str = "keys";
/// What the system's prompt says. What is approved stands on the screen behind it.
#[cfg(mobile)]
const PROMPT: &str = "Segl";

/// Whether the keys of new pairings rest in hardware: then there is no PIN.
pub const IN_HARDWARE: bool = cfg!(mobile);

/// The keys of one pairing.
pub enum Keys {
    /// In the phone's key hardware.
    #[cfg(mobile)]
    Hardware(HardwareKeys),
    /// In a file under the PIN.
    Soft(SoftKeys),
}

impl Keys {
    /// The keys of a pairing, there already or to be made. A phone's lie in its hardware under the pairing's id, the desktop's in its folder.
    #[must_use]
    pub fn of(phone: PhoneId, folder: &Path, cost: Cost) -> Self {
        #[cfg(mobile)]
        {
            let _ = (folder, cost);
            // Until the keys are made, or asked about, the lesser of what hardware gives.
            Self::Hardware(HardwareKeys::new(&phone.to_string(), Protection::Tee))
        }
        #[cfg(not(mobile))]
        {
            let _ = phone;
            Self::Soft(SoftKeys::new(Box::new(FileShelf::new(folder.join(KEYS_FILE))), Box::new(OsRng), cost))
        }
    }

    /// How the person lets unlocked keys be used.
    #[must_use]
    pub fn auth(&self) -> UserAuth<'static> {
        match self {
            #[cfg(mobile)]
            Self::Hardware(_) => UserAuth::Prompt { reason: PROMPT },
            Self::Soft(_) => UserAuth::Unlocked,
        }
    }

    /// Whether a PIN opens them.
    #[must_use]
    pub fn has_pin(&self) -> bool {
        match self {
            #[cfg(mobile)]
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
            #[cfg(mobile)]
            Self::Hardware(_) => Err(AppError::NoPin),
            Self::Soft(keys) => Ok(keys),
        }
    }

    /// Forgets what was opened.
    pub fn lock(&mut self) {
        match self {
            #[cfg(mobile)]
            Self::Hardware(_) => {}
            Self::Soft(keys) => keys.lock(),
        }
    }

    /// Whether they lie in memory, opened. Those in hardware never do.
    #[must_use]
    pub fn are_open(&self) -> bool {
        match self {
            #[cfg(mobile)]
            Self::Hardware(_) => false,
            Self::Soft(keys) => keys.is_unlocked(),
        }
    }

    fn key(&self) -> &dyn DeviceKey {
        match self {
            #[cfg(mobile)]
            Self::Hardware(keys) => keys,
            Self::Soft(keys) => keys,
        }
    }

    fn key_mut(&mut self) -> &mut dyn DeviceKey {
        match self {
            #[cfg(mobile)]
            Self::Hardware(keys) => keys,
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
