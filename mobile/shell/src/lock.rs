//! The app lock, as a number that goes up. Raising it locks everything in that moment, whatever is waiting for a service: what was unlocked in
//! an earlier turn is not unlocked, and whoever comes back from the network finds it out.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts how often the app was locked.
#[derive(Debug, Default)]
pub struct AppLock(AtomicU64);

/// The time between two locks. What was asked for in one holds in no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn(u64);

impl AppLock {
    /// The present turn.
    #[must_use]
    pub fn turn(&self) -> Turn {
        Turn(self.0.load(Ordering::SeqCst))
    }

    /// Locks: the turn is over.
    pub fn raise(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
