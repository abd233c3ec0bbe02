//! What every edge and job stands on: configuration, database, keystore, password pool, clock and randomness.

use std::sync::Arc;

use certs::keystore::{KeyLabel, Keystore};

use super::{clock::Clock, database::Database, kept::Kept, password::Passwords, random::Random, release::TakesRelease, telemetry::Metrics};
use crate::config::Config;

/// Cheap to clone; one per process (or per test world).
#[derive(Clone)]
pub struct Ground {
    /// The checked configuration.
    pub config: Arc<Config>,
    /// The database.
    pub database: Database,
    /// Where the service's own keys rest.
    pub keystore: Arc<dyn Keystore>,
    /// The bounded hashing pool.
    pub passwords: Passwords,
    /// Counters and timings.
    pub metrics: Arc<Metrics>,
    /// What slices keep in memory because the rows that it comes from never change.
    pub kept: Kept,
    /// Who uses what phones release.
    pub releases: Arc<dyn TakesRelease>,
}

impl Ground {
    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.database.clock().as_ref()
    }

    /// The randomness.
    pub fn random(&self) -> &dyn Random {
        self.database.random().as_ref()
    }

    /// Runs a keystore call that uses no key but this one: on the spot when its signatures are a few microseconds of our own work, which going to
    /// another thread and back would double; else as [`Ground::with_keystore`].
    pub async fn with_key<T, F>(&self, label: &KeyLabel, call: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&dyn Keystore) -> T + Send + 'static,
    {
        if self.keystore.signs_at_once(label) { call(self.keystore.as_ref()) } else { self.with_keystore(call).await }
    }

    /// Runs a blocking keystore call off the event loop.
    ///
    /// # Errors
    /// What the call refuses with.
    ///
    /// # Panics
    /// When the call itself panics.
    #[expect(clippy::expect_used, reason = "the call does not panic, and the runtime ends only after its callers")]
    pub async fn with_keystore<T, F>(&self, call: F) -> T
    where
        T: Send + 'static,
        F: FnOnce(&dyn Keystore) -> T + Send + 'static,
    {
        let keystore = self.keystore.clone();
        tokio::task::spawn_blocking(move || call(keystore.as_ref())).await.expect("a keystore call ends")
    }
}
