//! Passwords become keys here: argon2id once, in a bounded pool, so that a flood of logins cannot take all memory.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::secret::Secret;

/// Argon2id's costs (RFC 9106). The word for a row: `argon2id;m=19456;t=2;p=1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct Hashing {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl Hashing {
    /// The word for a row.
    pub fn word(self) -> String {
        format!("argon2id;m={};t={};p={}", self.memory_kib, self.passes, self.lanes)
    }

    /// The costs of a row's word.
    pub fn of(word: &str) -> Option<Self> {
        let mut parts = word.split(';');
        if parts.next() != Some("argon2id") {
            return None;
        }
        let mut cost = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
        Some(Self { memory_kib: cost("m")?, passes: cost("t")?, lanes: cost("p")? })
    }
}

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// The costs are out of argon2's range.
    #[error("argon2 refused its parameters")]
    Parameters,
    /// The pool is closing.
    #[error("the hashing pool is closing")]
    Pool,
}

/// The bounded pool.
#[derive(Clone)]
pub struct Passwords {
    seats: Arc<Semaphore>,
    hashing: Hashing,
}

impl Passwords {
    /// A pool with so many hashes at once.
    pub fn new(at_once: usize, hashing: Hashing) -> Self {
        Self { seats: Arc::new(Semaphore::new(at_once.max(1))), hashing }
    }

    /// The costs for new passwords.
    pub fn hashing(&self) -> Hashing {
        self.hashing
    }

    /// argon2id of the (already folded) password: 32 bytes, from which verifier and opener are derived (`security.md` section 2).
    ///
    /// # Errors
    /// When the costs are out of range or the pool closes.
    pub async fn stretch(&self, password: &Secret<String>, salt: &[u8], hashing: Hashing) -> Result<Secret<[u8; 32]>, HashingError> {
        let seat = self.seats.clone().acquire_owned().await.map_err(|_| HashingError::Pool)?;
        let (password, salt) = (password.clone(), salt.to_vec());
        let hash = move || {
            // Kept until the work is done, also when whoever asked is gone.
            let _seat = seat;
            stretch(&password, &salt, hashing)
        };
        tokio::task::spawn_blocking(hash).await.map_err(|_| HashingError::Pool)?
    }
}

fn stretch(password: &Secret<String>, salt: &[u8], hashing: Hashing) -> Result<Secret<[u8; 32]>, HashingError> {
    let params = Params::new(hashing.memory_kib, hashing.passes, hashing.lanes, Some(32)).map_err(|_| HashingError::Parameters)?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.reveal().as_bytes(), salt, &mut key)
        .map_err(|_| HashingError::Parameters)?;
    Ok(Secret::new(key))
}
