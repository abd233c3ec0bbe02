//! Wakes the workers of this process when there may be a job, so that nobody waits for the next second. A hint only: polling
//! suffices for correctness, and other nodes poll.

use std::time::Duration;

use tokio::sync::Notify;

use super::ground::Ground;

/// What the workers of a process wait on.
#[derive(Default)]
pub struct Wake(Notify);

impl Wake {
    /// Waits for a hint, at most so long.
    pub async fn wait(&self, most: Duration) {
        let _hint_or_not = tokio::time::timeout(most, self.0.notified()).await;
    }
}

/// Tells the workers of this process to look.
pub fn workers(ground: &Ground) {
    ground.kept.of::<Wake>().0.notify_waiters();
}
