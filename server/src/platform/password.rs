//! Passwords become keys here: argon2id once, in a bounded pool, so that a flood of logins cannot take all memory.
//!
//! What a hash filled the next one uses: fresh memory of the system costs as much as half a hash. When nobody has hashed for some seconds it is
//! wiped and given back.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroize as _;

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

/// What a password is worth to whoever guesses at leisure, with database and keystore in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// Four digits: ten thousand guesses. Nothing may rest under it (`security.md` section 2).
    FourDigits,
    /// By the rules of the long form.
    Long,
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

/// So long after the last hash its memory is given back.
const REST: Duration = Duration::from_secs(5);

/// Memory that hashes have used and others may use again: as much as there are seats.
#[derive(Default)]
struct Arenas {
    idle: Mutex<(Vec<Vec<Block>>, Option<Instant>)>,
    is_watched: AtomicBool,
}

fn wipe(arena: &mut [Block]) {
    arena.iter_mut().for_each(|block| block.as_mut().zeroize());
}

impl Arenas {
    fn take(&self, blocks: usize) -> Vec<Block> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut arena = idle.0.pop().unwrap_or_default();
        drop(idle);
        // A hash overwrites every block that it needs before it reads it.
        if arena.len() < blocks {
            wipe(&mut arena);
            arena.clear();
            arena.resize(blocks, Block::new());
        }
        arena
    }

    fn give_back(&self, arena: Vec<Block>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.0.push(arena);
        idle.1 = Some(Instant::now());
    }

    /// Wipes and frees everything if nobody hashed for so long. Whether it is all gone.
    fn tidy(&self, rest: Duration) -> bool {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.1.is_some_and(|last| last.elapsed() < rest) {
            return false;
        }
        let arenas = std::mem::take(&mut idle.0);
        drop(idle);
        for mut arena in arenas {
            wipe(&mut arena);
        }
        true
    }

    /// Sees to it that the memory is given back: one task at a time.
    fn watch(self: &Arc<Self>) {
        if self.is_watched.swap(true, Ordering::SeqCst) {
            return;
        }
        let arenas = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(REST).await;
                // Said before the look: whoever gives back after it sets a watch of their own.
                arenas.is_watched.store(false, Ordering::SeqCst);
                if arenas.tidy(REST) || arenas.is_watched.swap(true, Ordering::SeqCst) {
                    return;
                }
            }
        });
    }
}

/// The bounded pool.
#[derive(Clone)]
pub struct Passwords {
    seats: Arc<Semaphore>,
    arenas: Arc<Arenas>,
    hashing: Hashing,
}

impl Passwords {
    /// A pool with so many hashes at once.
    pub fn new(at_once: usize, hashing: Hashing) -> Self {
        Self { seats: Arc::new(Semaphore::new(at_once.max(1))), arenas: Arc::default(), hashing }
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
        let (password, salt, arenas) = (password.clone(), salt.to_vec(), self.arenas.clone());
        let hash = move || {
            // Kept until the work is done, also when whoever asked is gone.
            let _seat = seat;
            let stretched = stretch(&password, &salt, hashing, &arenas);
            // Also when whoever asked is gone.
            arenas.watch();
            stretched
        };
        tokio::task::spawn_blocking(hash).await.map_err(|_| HashingError::Pool)?
    }
}

fn stretch(password: &Secret<String>, salt: &[u8], hashing: Hashing, arenas: &Arenas) -> Result<Secret<[u8; 32]>, HashingError> {
    let params = Params::new(hashing.memory_kib, hashing.passes, hashing.lanes, Some(32)).map_err(|_| HashingError::Parameters)?;
    let mut arena = arenas.take(params.block_count());
    let mut key = [0; 32];
    let hashed = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        password.reveal().as_bytes(),
        salt,
        &mut key,
        &mut arena,
    );
    arenas.give_back(arena);
    hashed.map_err(|_| HashingError::Parameters)?;
    Ok(Secret::new(key))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[tokio::test]
    async fn memory_that_was_used_before_changes_no_hash_and_is_given_back() {
        let passwords = Passwords::new(2, Hashing::default());
        let costs = [(64, 1, 1), (256, 3, 1), (64, 2, 2), (1024, 1, 1), (64, 1, 1)];
        for (memory_kib, passes, lanes) in costs {
            for word in ["Havnens bageri", "Åse"] {
                let hashing = Hashing { memory_kib, passes, lanes };
                let hashed = passwords.stretch(&Secret::new(word.to_owned()), b"salt salt salt", hashing).await.unwrap();
                let mut fresh = [0; 32];
                let params = Params::new(memory_kib, passes, lanes, Some(32)).unwrap();
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                argon2.hash_password_into(word.as_bytes(), b"salt salt salt", &mut fresh).unwrap();
                assert_eq!(*hashed.reveal(), fresh, "{word} at {hashing:?}");
            }
        }
        assert!(!passwords.arenas.tidy(Duration::from_secs(60)), "used just now");
        assert!(passwords.arenas.tidy(Duration::ZERO));
        assert!(passwords.arenas.idle.lock().unwrap().0.is_empty());
    }
}
