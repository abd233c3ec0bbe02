//! Wakes whoever waits for a person's phones in this process. A hint only: other nodes look once a second, and that suffices for correctness.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::platform::{ground::Ground, id::AccountId};

/// So many hints are kept before those that nobody waits for are let go.
const TIDY_AT: usize = 1024;

#[derive(Default)]
struct Waiting(Mutex<HashMap<AccountId, Arc<Notify>>>);

impl Waiting {
    fn of(&self, account: AccountId) -> Arc<Notify> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= TIDY_AT && waiting.len().is_power_of_two() {
            waiting.retain(|_, notify| Arc::strong_count(notify) > 1);
        }
        waiting.entry(account).or_default().clone()
    }
}

/// Tells those who wait for this person's phones to look. After the commit.
pub fn wake(ground: &Ground, account: AccountId) {
    let waiting = ground.kept.of::<Waiting>();
    let known = waiting.0.lock().unwrap_or_else(PoisonError::into_inner).get(&account).cloned();
    if let Some(known) = known {
        known.notify_waiters();
    }
}

/// Waits for a hint about this person's phones, at most so long. Gives whether one came.
pub async fn wait(ground: &Ground, account: AccountId, most: Duration) -> bool {
    let notify = ground.kept.of::<Waiting>().of(account);
    tokio::time::timeout(most, notify.notified()).await.is_ok()
}
