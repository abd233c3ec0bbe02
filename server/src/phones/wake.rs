//! Wakes whoever waits for a person's phones: at this node by channel, at other nodes by a hint of the database. Hints only: rows alone decide
//! what anybody is told, and a look at them once a second suffices for correctness.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::watch;
use uuid::Uuid;

use crate::platform::{
    ground::Ground,
    hint,
    id::{AccountId, Id as _},
};

#[derive(Default)]
struct Channels(Mutex<HashMap<AccountId, watch::Sender<()>>>);

impl Channels {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<AccountId, watch::Sender<()>>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells those who wait for this person's phones to look, at every node. After the commit.
pub fn wake(ground: &Ground, account: AccountId) {
    wake_here(ground, account);
    hint::tell(ground, account.uuid());
}

/// Tells those who wait at this node.
pub fn wake_here(ground: &Ground, account: AccountId) {
    ground.kept.of::<Channels>().with(|channels| {
        if let Some(channel) = channels.get(&account) {
            channel.send_replace(());
        }
    });
}

/// Passes on what another node told; none: something may have been missed, and everybody here looks.
pub fn wake_told(ground: &Ground, told: Option<Uuid>) {
    match told {
        Some(account) => wake_here(ground, AccountId::from_uuid(account)),
        None => ground.kept.of::<Channels>().with(|channels| channels.values().for_each(|channel| channel.send_modify(|()| {}))),
    }
}

/// One who waits for hints about a person's phones. Memory: one channel for each person who is waited for.
pub struct Hints {
    channels: Arc<Channels>,
    account: AccountId,
    receiver: watch::Receiver<()>,
}

impl Hints {
    /// Waits for a hint, at most so long. Gives whether one came, or had come since the last time.
    pub async fn hint(&mut self, most: Duration) -> bool {
        matches!(tokio::time::timeout(most, self.receiver.changed()).await, Ok(Ok(())))
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.channels.with(|channels| {
            // This one's own receiver is still counted.
            if channels.get(&self.account).is_some_and(|channel| channel.receiver_count() <= 1) {
                channels.remove(&self.account);
            }
        });
    }
}

/// Begins to listen for hints about a person's phones.
pub fn listen(ground: &Ground, account: AccountId) -> Hints {
    let channels = ground.kept.of::<Channels>();
    let receiver = channels.with(|all| all.entry(account).or_insert_with(|| watch::channel(()).0).subscribe());
    Hints { channels, account, receiver }
}
