//! Who listens at this node, and who wakes them: hints of this process and of other nodes, and a look at the rows once a second for what no hint
//! told, such as a phone that ended with its person's leaving.
//!
//! Rows alone decide what a phone is told; a hint that is lost costs a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use uuid::Uuid;

use super::store;
use crate::{
    phones::{self, Hints},
    platform::{
        self,
        database::DatabaseError,
        ground::Ground,
        hint,
        id::{AccountId, Id as _, PhoneId},
        moment::Moment,
    },
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

/// Tells the streams of an account to look, at every node, and has those who send wake-ups look for work. After the commit.
pub fn wake(ground: &Ground, account: AccountId) {
    phones::wake(ground, account);
    platform::wake::workers(ground);
}

/// One stream's place.
pub(super) struct Listening {
    hub: Arc<Hub>,
    phone: PhoneId,
    turn: u64,
    hints: Hints,
}

impl Listening {
    /// Waits for a hint, at most so long. Gives whether one came.
    pub(super) async fn hint(&mut self, most: Duration) -> bool {
        self.hints.hint(most).await
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
        });
    }
}

/// Begins to listen for what concerns an account.
pub(super) fn listen(ground: &Ground, account: AccountId, phone: PhoneId) -> Listening {
    let hub = ground.kept.of::<Hub>();
    let hints = phones::listen(ground, account);
    let (turn, begin) = hub.with(|inner| {
        let streams = inner.phones.entry(phone).or_default();
        streams.begun += 1;
        streams.open += 1;
        let turn = streams.begun;
        let begin = !inner.looking;
        inner.looking = true;
        (turn, begin)
    });
    if turn > STREAMS {
        // The stream that must give way notices at once.
        phones::wake_here(ground, account);
    }
    if begin {
        tokio::task::spawn_local(look(ground.clone(), hub.clone()));
    }
    Listening { hub, phone, turn, hints }
}

/// Whether a phone has a stream open at this node.
pub(super) fn listens(ground: &Ground, phone: PhoneId) -> bool {
    ground.kept.of::<Hub>().with(|inner| inner.phones.contains_key(&phone))
}

/// Looks at the rows while anybody listens.
async fn look(ground: Ground, hub: Arc<Hub>) {
    let mut known = HashMap::new();
    // Not of this thread alone: what it holds is given back to the pool when the runtime ends.
    let told = tokio::spawn(hear(ground.clone()));
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let over = hub.with(|inner| {
            inner.looking = !inner.phones.is_empty();
            !inner.looking
        });
        if over {
            told.abort();
            return;
        }
        if let Err(error) = look_once(&ground, &mut known).await {
            tracing::error!(%error, "what waits for phones could not be looked at");
        }
    }
}

/// Passes on what other nodes tell.
async fn hear(ground: Ground) {
    loop {
        if let Err(error) = hint::hear(&ground, |told| phones::wake_told(&ground, told)).await {
            tracing::debug!(%error, "hints of other nodes are not heard");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn look_once(ground: &Ground, known: &mut HashMap<Uuid, Moment>) -> Result<(), DatabaseError> {
    let since = ground.clock().now().plus(-LOOK_BACK);
    let mut reader = ground.database.read().await?;
    let asked = store::changed_since(&mut reader, since).await?;
    let ended = phones::read::ended_since(&mut reader, since).await?;
    drop(reader);
    let asked = asked.into_iter().map(|(id, account, at)| (id.uuid(), account, at));
    let changed: Vec<_> = asked.chain(ended.into_iter().map(|(id, account, at)| (id.uuid(), account, at))).collect();
    for (id, account, at) in &changed {
        if known.get(id) != Some(at) {
            phones::wake_here(ground, *account);
        }
    }
    *known = changed.into_iter().map(|(id, _, at)| (id, at)).collect();
    Ok(())
}
