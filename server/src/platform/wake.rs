//! Wakes the workers of this process when there may be a job, so that nobody waits for the next second. A hint only: polling
//! suffices for correctness, and other nodes poll.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use tokio::sync::Notify;

use super::ground::Ground;

/// What the workers of a process wait on.
#[derive(Default)]
pub struct Wake {
    notify: Notify,
    /// [`enqueued`](super::database::Database::enqueued) as it was when they were last told.
    told: AtomicU64,
}

impl Wake {
    /// Waits for a hint, at most so long.
    pub async fn wait(&self, most: Duration) {
        let _hint_or_not = tokio::time::timeout(most, self.notify.notified()).await;
    }
}

/// Tells the workers of this process to look, if this process has enqueued anything since they were last told.
pub fn workers(ground: &Ground) {
    let (wake, enqueued) = (ground.kept.of::<Wake>(), ground.database.enqueued());
    if wake.told.swap(enqueued, Ordering::SeqCst) != enqueued {
        wake.notify.notify_waiters();
    }
}
