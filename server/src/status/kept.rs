//! What this node keeps of the public truth in memory, and how it knows that it is still right.
//!
//! Everything that is kept belongs to one *generation*, a number in the database that every revocation and every new responder raises in its own
//! unit. The number is read again as soon as this process committed anything, and after [`LOOK_EVERY`] in any case, so a revocation by this
//! node shows at once, and one by another node well within a second. Only what a later change raises the number for is kept: good and revoked,
//! never unknown.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::{Duration, Instant},
};

use bytes::Bytes;
use certs::{revocation::ocsp::Responder, serial::Serial};
use sha2::{Digest as _, Sha256};

use super::{Known, store};
use crate::platform::{database::DatabaseError, ground::Ground, id::AuthorityId, moment::Moment};

/// What another node did shows here after so long at the latest.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// So many answers are kept, about 1.3 kB each.
const MOST_ANSWERS: usize = 20_000;
/// So many statuses are kept.
const MOST_STATUSES: usize = 200_000;

/// An answer that was signed, and until when it is given out again.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The answer, DER.
    pub der: Bytes,
    /// Tells it from the others that were signed in the same millisecond.
    pub check: u64,
    /// When it was signed.
    pub made_at: Moment,
    /// When newer information will be there: its nextUpdate.
    pub next_update: Moment,
    /// From here on a new one is signed.
    pub stale_at: Moment,
}

/// What is kept of one generation.
pub(super) struct Contents {
    generation: i64,
    answers: RwLock<HashMap<Box<[u8]>, Arc<Answer>>>,
    statuses: RwLock<HashMap<(AuthorityId, Serial), Known>>,
    responders: RwLock<HashMap<AuthorityId, Arc<Responder>>>,
}

/// The contents, and when they were last known to be right.
struct Held {
    contents: Arc<Contents>,
    commits: u64,
    looked_at: Instant,
}

/// One per process or test world.
#[derive(Default)]
pub(super) struct Keeper(RwLock<Option<Held>>);

fn reading<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn writing<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

/// What is kept and right at this moment; empty after every change.
pub(super) async fn current(ground: &Ground) -> Result<Arc<Contents>, DatabaseError> {
    let keeper = ground.kept.of::<Keeper>();
    // Both before the database is asked: what happens meanwhile makes the next one look again.
    let (commits, now) = (ground.database.commits(), Instant::now());
    if let Some(held) = reading(&keeper.0).as_ref()
        && held.commits == commits
        && now.duration_since(held.looked_at) < LOOK_EVERY
    {
        return Ok(held.contents.clone());
    }
    let generation = store::generation(&mut ground.database.read().await?).await?;
    Ok(keeper.hold(generation, commits, now))
}

impl Keeper {
    /// Notes that `generation` was read by a look that began at `looked_at`.
    fn hold(&self, generation: i64, commits: u64, looked_at: Instant) -> Arc<Contents> {
        let mut held = writing(&self.0);
        match held.as_mut() {
            // Somebody who began to look later has been quicker: what they hold is newer.
            Some(held) if held.looked_at > looked_at => held.contents.clone(),
            Some(held) if held.contents.generation == generation => {
                (held.commits, held.looked_at) = (commits, looked_at);
                held.contents.clone()
            }
            _ => {
                let contents = Arc::new(Contents::of(generation));
                *held = Some(Held { contents: contents.clone(), commits, looked_at });
                contents
            }
        }
    }
}

impl Answer {
    /// An answer that was signed at `made_at`.
    pub(super) fn new(der: Vec<u8>, made_at: Moment, next_update: Moment, stale_at: Moment) -> Self {
        let digest = Sha256::digest(&der);
        let check = digest.iter().take(8).fold(0, |check, octet| check << 8 | u64::from(*octet));
        Self { der: Bytes::from(der), check, made_at, next_update, stale_at }
    }
}

impl Contents {
    fn of(generation: i64) -> Self {
        Self { generation, answers: RwLock::default(), statuses: RwLock::default(), responders: RwLock::default() }
    }

    /// The kept answer to exactly this request.
    pub(super) fn answer(&self, request: &[u8], now: Moment) -> Option<Arc<Answer>> {
        reading(&self.answers).get(request).filter(|answer| answer.made_at <= now && now < answer.stale_at).cloned()
    }

    pub(super) fn keep_answer(&self, request: &[u8], answer: Arc<Answer>) {
        let mut answers = writing(&self.answers);
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        answers.insert(request.into(), answer);
    }

    pub(super) fn status(&self, authority: AuthorityId, serial: &Serial) -> Option<Known> {
        reading(&self.statuses).get(&(authority, *serial)).copied()
    }

    pub(super) fn keep_status(&self, authority: AuthorityId, serial: Serial, known: Known) {
        let mut statuses = writing(&self.statuses);
        if statuses.len() >= MOST_STATUSES {
            statuses.clear();
        }
        statuses.insert((authority, serial), known);
    }

    pub(super) fn responder(&self, authority: AuthorityId) -> Option<Arc<Responder>> {
        reading(&self.responders).get(&authority).cloned()
    }

    pub(super) fn keep_responder(&self, authority: AuthorityId, responder: Arc<Responder>) {
        writing(&self.responders).insert(authority, responder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_look_never_brings_an_older_generation_back() {
        let keeper = Keeper::default();
        let early = Instant::now();
        let late = early + Duration::from_millis(1);
        assert_eq!(keeper.hold(7, 1, late).generation, 7);
        assert_eq!(keeper.hold(6, 0, early).generation, 7);
        assert_eq!(keeper.hold(8, 2, late + LOOK_EVERY).generation, 8);
    }

    #[test]
    fn what_is_kept_goes_with_its_generation() {
        let keeper = Keeper::default();
        let now = Instant::now();
        let at = Moment::from_millis(0);
        let answer = Answer::new(b"answer".to_vec(), at, at, at.plus(time::Duration::seconds(1)));
        keeper.hold(1, 0, now).keep_answer(b"request", Arc::new(answer));
        assert!(keeper.hold(1, 1, now).answer(b"request", at).is_some());
        assert!(keeper.hold(1, 1, now).answer(b"request", at.plus(time::Duration::seconds(1))).is_none(), "stale");
        assert!(keeper.hold(2, 1, now).answer(b"request", at).is_none());
    }
}
