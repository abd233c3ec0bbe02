//! A small world for tests: a ground with a migrated SQLite database of its own, keys in memory, a clock that stands, seeded
//! randomness and cheap hashing. Nothing of the program itself uses it.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use certs::keystore::{MasterKey, MemoryKeystore};
use sha2::{Digest as _, Sha256};

use super::{
    clock::TestClock,
    ground::Ground,
    moment::Moment,
    random::{self, Random, SystemRandom},
};
use crate::{
    app::{self, Parts},
    config::{Config, Mode},
};

/// Where the clock of a fresh world stands: 2026-11-22T12:00:00Z.
pub const BEGINNING: Moment = Moment::from_millis(1_795_348_800_000);

const SETTINGS: &str = "[policy]\ncvr_checksum = \"not_checked\"\n[policy.hashing]\nmemory_kib = 8192\npasses = 1\nlanes = 1\n";

/// Bytes that only look random: the same after the same seed.
pub struct SeededRandom {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRandom {
    /// A source of its own.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Random for SeededRandom {
    fn fill(&self, buffer: &mut [u8]) {
        for piece in buffer.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(self.seed.to_be_bytes());
            hash.update(self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            piece.copy_from_slice(&hash.finalize()[..piece.len()]);
        }
    }
}

/// A ground whose files go away with it.
pub struct TestGround {
    /// The ground.
    pub ground: Ground,
    /// Its clock.
    pub clock: TestClock,
    directory: PathBuf,
}

impl TestGround {
    /// The data directory: `segl.db`, `spool`.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A connection to the same SQLite file beside the program's own: what somebody with access to the disk can do.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn intruder(&self) -> anyhow::Result<sqlx::SqliteConnection> {
        use sqlx::ConnectOptions as _;
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.directory.join("segl.db"));
        Ok(options.busy_timeout(std::time::Duration::from_secs(10)).connect().await?)
    }
}

impl Deref for TestGround {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl Drop for TestGround {
    fn drop(&mut self) {
        let _left_for_the_system = std::fs::remove_dir_all(&self.directory);
    }
}

/// A fresh world: a demonstration on localhost, mail spooled, the clock at [`BEGINNING`].
///
/// # Errors
/// When its directory or database cannot be made.
pub async fn ground() -> anyhow::Result<TestGround> {
    ground_with("").await
}

/// A fresh world with further settings (TOML).
///
/// # Errors
/// When they break a rule, or the directory or database cannot be made.
pub async fn ground_with(settings: &str) -> anyhow::Result<TestGround> {
    let name = format!("segl-test-{}", hex::encode(random::bytes::<12>(&SystemRandom)));
    let directory = std::env::temp_dir().join(name);
    let config = Config::parse(&format!("{settings}\n{SETTINGS}"), "test", &directory, Mode::Demonstration)?;
    let clock = TestClock::at(BEGINNING);
    let parts = Parts {
        clock: Arc::new(clock.clone()),
        random: Arc::new(SeededRandom::new(7)),
        keystore: Arc::new(MemoryKeystore::new(MasterKey::from_octets(&[7; 32])?)),
    };
    let ground = app::open_with(config, parts).await?;
    Ok(TestGround { ground, clock, directory })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;
    use crate::platform::clock::Clock as _;

    #[actix_web::test]
    async fn a_fresh_world_has_a_database_and_goes_away() {
        let world = ground().await.unwrap();
        world.database.ping().await.unwrap();
        assert_eq!(world.clock.now(), BEGINNING);
        let directory = world.directory().to_owned();
        assert!(directory.join("segl.db").exists());
        drop(world);
        assert!(!directory.exists());
    }
}
