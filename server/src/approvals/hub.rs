//! Who listens at this node, and who wakes them: a hint within the process, and a look at the rows once a second for what other nodes wrote.
//!
//! Rows alone decide what a phone is told; a hint that is lost costs a second. Memory: one channel for each account that listens.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::watch;

use super::store;
use crate::platform::{
    database::DatabaseError,
    ground::Ground,
    id::{AccountId, ApprovalId, PhoneId},
    moment::Moment,
};

/// So often the rows are looked at while anybody listens.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So far back: a unit that began earlier has committed by then.
const LOOK_BACK: time::Duration = time::Duration::seconds(10);
/// So many streams of one phone; a further one ends the oldest, which is most likely a connection that died unnoticed.
const STREAMS: u64 = 2;

#[derive(Default)]
struct Hub(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    accounts: HashMap<AccountId, watch::Sender<()>>,
    phones: HashMap<PhoneId, Streams>,
    looking: bool,
}

/// How many streams a phone ever began here while one was open, and how many are open.
#[derive(Default)]
struct Streams {
    begun: u64,
    open: u64,
}

impl Hub {
    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Tells the streams of an account at this node to look. After the commit.
pub fn wake(ground: &Ground, account: AccountId) {
    ground.kept.of::<Hub>().with(|inner| {
        if let Some(channel) = inner.accounts.get(&account) {
            channel.send_replace(());
        }
    });
}

/// One stream's place.
pub(super) struct Listening {
    hub: Arc<Hub>,
    account: AccountId,
    phone: PhoneId,
    turn: u64,
    hints: watch::Receiver<()>,
}

impl Listening {
    /// Waits for a hint, at most so long. Gives whether one came.
    pub(super) async fn hint(&mut self, most: Duration) -> bool {
        matches!(tokio::time::timeout(most, self.hints.changed()).await, Ok(Ok(())))
    }

    /// Whether enough newer streams of the same phone have begun.
    pub(super) fn is_displaced(&self) -> bool {
        self.hub.with(|inner| inner.phones.get(&self.phone).is_none_or(|streams| streams.begun - self.turn >= STREAMS))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.hub.with(|inner| {
            if let Some(streams) = inner.phones.get_mut(&self.phone) {
                streams.open = streams.open.saturating_sub(1);
                if streams.open == 0 {
                    inner.phones.remove(&self.phone);
                }
            }
            // This stream's own receiver is still counted.
            if inner.accounts.get(&self.account).is_some_and(|channel| channel.receiver_count() <= 1) {
                inner.accounts.remove(&self.account);
            }
        });
    }
}

/// Begins to listen for what concerns an account.
pub(super) fn listen(ground: &Ground, account: AccountId, phone: PhoneId) -> Listening {
    let hub = ground.kept.of::<Hub>();
    let (turn, hints, begin) = hub.with(|inner| {
        let streams = inner.phones.entry(phone).or_default();
        streams.begun += 1;
        streams.open += 1;
        let turn = streams.begun;
        let channel = inner.accounts.entry(account).or_insert_with(|| watch::channel(()).0);
        let hints = channel.subscribe();
        // The stream that must give way notices at once.
        channel.send_replace(());
        let begin = !inner.looking;
        inner.looking = true;
        (turn, hints, begin)
    });
    if begin {
        tokio::task::spawn_local(look(ground.clone(), hub.clone()));
    }
    Listening { hub, account, phone, turn, hints }
}

/// Looks at the rows while anybody listens.
async fn look(ground: Ground, hub: Arc<Hub>) {
    let mut known: HashMap<ApprovalId, Moment> = HashMap::new();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let over = hub.with(|inner| {
            inner.looking = !inner.accounts.is_empty();
            !inner.looking
        });
        if over {
            return;
        }
        if let Err(error) = look_once(&ground, &mut known).await {
            tracing::error!(%error, "what waits for phones could not be looked at");
        }
    }
}

async fn look_once(ground: &Ground, known: &mut HashMap<ApprovalId, Moment>) -> Result<(), DatabaseError> {
    let mut reader = ground.database.read().await?;
    let changed = store::changed_since(&mut reader, ground.clock().now().plus(-LOOK_BACK)).await?;
    drop(reader);
    for (id, account, at) in &changed {
        if known.get(id) != Some(at) {
            wake(ground, *account);
        }
    }
    *known = changed.into_iter().map(|(id, _, at)| (id, at)).collect();
    Ok(())
}
