//! Tells the other nodes on the same database which person to look at: one message for all that gathered while the last was under way.
//!
//! A hint only. It may be lost, come twice or come to nobody; whoever acts on one looks at the rows.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use uuid::Uuid;

use super::{database::DatabaseError, ground::Ground, random};

/// So many ids fit into one message.
const AT_ONCE: usize = 200;
/// So many wait at most; what is more than that is left to those who poll.
const MOST: usize = 10_000;

#[derive(Default)]
struct Outbox(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    node: Option<u64>,
    waiting: BTreeSet<Uuid>,
    sending: bool,
}

impl Outbox {
    fn with<T>(&self, act: impl FnOnce(&mut Inner) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What this process calls itself, to know its own words again.
    fn node(&self, ground: &Ground) -> u64 {
        self.with(|inner| *inner.node.get_or_insert_with(|| u64::from_be_bytes(random::bytes(ground.random()))))
    }

    /// The next message; none when nothing waits, and then nobody sends.
    fn next(&self, node: u64) -> Option<String> {
        self.with(|inner| {
            let ids: Vec<Uuid> = std::iter::from_fn(|| inner.waiting.pop_first()).take(AT_ONCE).collect();
            inner.sending = !ids.is_empty();
            let listed: String = ids.iter().map(|id| format!(" {}", id.simple())).collect();
            inner.sending.then(|| format!("{node:x}{listed}"))
        })
    }
}

/// Tells the other nodes, soon. After the commit.
pub fn tell(ground: &Ground, what: Uuid) {
    if !ground.database.is_shared() {
        return;
    }
    let outbox = ground.kept.of::<Outbox>();
    let begin = outbox.with(|inner| {
        if inner.waiting.len() < MOST {
            inner.waiting.insert(what);
        }
        !std::mem::replace(&mut inner.sending, true)
    });
    if begin {
        let ground = ground.clone();
        let node = outbox.node(&ground);
        tokio::spawn(async move {
            while let Some(message) = outbox.next(node) {
                if let Err(error) = ground.database.hint(&message).await {
                    tracing::debug!(%error, "a hint to other nodes is lost");
                }
            }
        });
    }
}

/// Hears what other nodes tell, until the database is away: each id, or none when something may have been missed. Never ends where there can be no
/// other node.
///
/// # Errors
/// When the database is away.
pub async fn hear(ground: &Ground, act: impl Fn(Option<Uuid>)) -> Result<(), DatabaseError> {
    let Some(mut heard) = ground.database.hear().await? else { return std::future::pending().await };
    let own = format!("{:x}", ground.kept.of::<Outbox>().node(ground));
    loop {
        let Some(message) = heard.next().await? else {
            act(None);
            continue;
        };
        let mut words = message.split(' ');
        if words.next() != Some(&own) {
            words.filter_map(|word| Uuid::parse_str(word).ok()).for_each(|id| act(Some(id)));
        }
    }
}
