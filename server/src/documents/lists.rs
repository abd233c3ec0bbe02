//! Revocation lists of authorities elsewhere: fetched once for all who ask, kept while they are current, and never waited for longer than a
//! verdict may take.
//!
//! Promise: a list is asked for again after [`ASK_AGAIN`], so that a revocation elsewhere is known here so long after its list tells it, and
//! until then, or while its server is away, the kept one serves as long as it is current (RFC 5280 section 5.1.2.5). Whoever needs the same
//! list meanwhile waits for the one fetch. All the lists of one verdict have [`PATIENCE`] together; one that is still under way then
//! is a finding of its own, and its fetch goes on for whoever comes next. It refuses lists above [`LIST_BYTES`], redirections, and whatever is not a current list of its issuer.

use std::{
    collections::HashMap,
    io::{ErrorKind, Read as _},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use certs::path::{CheckedCrl, check_crl};
use sha2::{Digest as _, Sha256};

use crate::platform::moment::Moment;

/// So long a verdict waits for all of its lists together.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// One fetch takes so long at most.
const FETCH: Duration = Duration::from_secs(10);
/// The largest list that is read, bytes.
const LIST_BYTES: u64 = 10 * 1024 * 1024;
/// A list that came is asked for again after this.
const ASK_AGAIN: time::Duration = time::Duration::minutes(10);
/// One that did not come is asked for again after this.
const TRY_AGAIN: time::Duration = time::Duration::seconds(5);
/// So many lists are kept,
const MOST_LISTS: usize = 64;
/// and so many bytes of them, as they came.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Which list: its address, and SHA-256 of its issuer's certificate.
type Key = (String, [u8; 32]);
type Place = Arc<tokio::sync::Mutex<Known>>;

/// What is known of a list.
#[derive(Default)]
struct Known {
    list: Option<Arc<CheckedCrl>>,
    size_bytes: usize,
    /// When it was asked for last, and when it is the next time.
    asked: Option<(Moment, Moment)>,
    /// Why the last asking brought none, if it did not.
    why: Option<Missing>,
}

impl Known {
    fn current(&self, at: Moment) -> Option<Arc<CheckedCrl>> {
        let at = at.to_datetime();
        self.list.clone().filter(|list| list.this_update() <= at && at < list.next_update())
    }

    fn is_fresh(&self, at: Moment) -> bool {
        self.asked.is_some_and(|(last, next)| last <= at && at < next)
    }

    /// Notes what came of asking at `at`, and how long that took.
    fn learn(&mut self, came: Result<(CheckedCrl, usize), Missing>, at: Moment, took: Duration) {
        let pause = if came.is_ok() { ASK_AGAIN } else { TRY_AGAIN };
        self.asked = Some((at, at.plus(pause + took)));
        self.why = came.as_ref().err().copied();
        if let Ok((list, size_bytes)) = came {
            (self.list, self.size_bytes) = (Some(Arc::new(list)), size_bytes);
        }
    }

    /// What serves now; else what kept it away: whoever joins or follows a fetch that took too long is told the same as who began it.
    fn serves(&self, at: Moment) -> Result<Arc<CheckedCrl>, Missing> {
        self.current(at).ok_or(self.why.unwrap_or(Missing::Unusable))
    }
}

/// Why there is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// It did not come in time.
    TooSlow,
    /// There is none, or none that can be used.
    Unusable,
}

impl Missing {
    fn of(error: &ureq::Error) -> Self {
        let is_late = matches!(error, ureq::Error::Timeout(_)) || matches!(error, ureq::Error::Io(io) if io.kind() == ErrorKind::TimedOut);
        if is_late { Self::TooSlow } else { Self::Unusable }
    }
}

/// The kept lists: one per process or test world.
#[derive(Default)]
pub(super) struct Lists(Mutex<HashMap<Key, Place>>);

impl Lists {
    /// The list at a URL, fetched if need be.
    pub(super) async fn at(&self, url: &str, issuer: &[u8], (at, until): (Moment, Instant)) -> Result<Arc<CheckedCrl>, Missing> {
        let place = self.place((url.to_owned(), Sha256::digest(issuer).into()));
        let locked = tokio::time::timeout_at(until.into(), place.lock_owned()).await;
        let mut known = locked.map_err(|_| Missing::TooSlow)?;
        if known.is_fresh(at) {
            return known.serves(at);
        }
        if Instant::now() >= until {
            return known.current(at).ok_or(Missing::TooSlow);
        }
        let kept = known.current(at);
        let (url, issuer) = (url.to_owned(), issuer.to_vec());
        // The lock goes along: when nobody waits any more, the list is still fetched, once, for whoever comes next.
        let flight = tokio::task::spawn_blocking(move || {
            let begun = Instant::now();
            let came = fetch(&url, &issuer, at);
            known.learn(came, at, begun.elapsed());
            known.serves(at)
        });
        match tokio::time::timeout_at(until.into(), flight).await {
            Ok(Ok(list)) => list,
            Ok(Err(_)) => kept.ok_or(Missing::Unusable),
            Err(_) => kept.ok_or(Missing::TooSlow),
        }
    }

    /// The place of a list; others make room, those asked for longest ago first, unless somebody waits for them.
    fn place(&self, key: Key) -> Place {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while !places.contains_key(&key) && (places.len() >= MOST_LISTS || kept_bytes(&places) > MOST_BYTES) {
            let Some(oldest) = oldest(&places) else { break };
            places.remove(&oldest);
        }
        places.entry(key).or_default().clone()
    }
}

fn kept_bytes(places: &HashMap<Key, Place>) -> usize {
    places.values().filter_map(|place| place.try_lock().ok()).map(|known| known.size_bytes).sum()
}

fn oldest(places: &HashMap<Key, Place>) -> Option<Key> {
    let free = places.iter().filter(|(_, place)| Arc::strong_count(place) == 1);
    let asked = free.filter_map(|(key, place)| Some((place.try_lock().ok()?.asked.map(|(last, _)| last), key)));
    asked.min().map(|(_, key)| key.clone())
}

fn fetch(url: &str, issuer: &[u8], at: Moment) -> Result<(CheckedCrl, usize), Missing> {
    let config = ureq::Agent::config_builder().timeout_global(Some(FETCH)).max_redirects(0).build();
    // Without redirections, such an answer is no error of the client's: its body would be read.
    let answer = ureq::Agent::from(config).get(url).call();
    let mut answer = answer.map_err(|error| Missing::of(&error))?;
    if answer.status() != 200 {
        return Err(Missing::Unusable);
    }
    let mut list = Vec::new();
    let read = answer.body_mut().as_reader().take(LIST_BYTES + 1).read_to_end(&mut list);
    read.map_err(|error| Missing::of(&error.into()))?;
    if list.len() as u64 > LIST_BYTES {
        return Err(Missing::Unusable);
    }
    let checked = check_crl(&list, issuer, at.to_datetime()).map_err(|_| Missing::Unusable)?;
    Ok((checked, list.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded_and_the_oldest_goes_first() {
        let lists = Lists::default();
        let key = |number: usize| (format!("http://elsewhere.example.dk/{number}.crl"), [0; 32]);
        for number in 0..MOST_LISTS {
            let at = Moment::from_millis(i64::try_from(number).unwrap_or_default());
            lists.place(key(number)).blocking_lock().learn(Err(Missing::Unusable), at, Duration::ZERO);
        }
        let waited_for = lists.place(key(0));
        lists.place(key(MOST_LISTS));
        let places = lists.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(places.len(), MOST_LISTS);
        assert!(places.contains_key(&key(0)) && !places.contains_key(&key(1)), "the first one is waited for");
        drop((places, waited_for));
        for number in 0..MOST_LISTS {
            lists.place(key(number)).blocking_lock().size_bytes = MOST_BYTES / 4;
        }
        lists.place(key(1000));
        let places = lists.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(kept_bytes(&places) <= MOST_BYTES, "{} lists", places.len());
    }

    #[test]
    fn one_that_did_not_come_is_tried_again_sooner() {
        let mut known = Known::default();
        let now = Moment::from_millis(1_000_000);
        assert!(!known.is_fresh(now));
        known.learn(Err(Missing::Unusable), now, Duration::ZERO);
        assert!(known.is_fresh(now) && !known.is_fresh(now.plus(TRY_AGAIN)) && !known.is_fresh(now.plus(-TRY_AGAIN)));
    }

    #[test]
    fn whoever_comes_after_a_fetch_that_took_too_long_is_told_so() {
        let mut known = Known::default();
        let now = Moment::from_millis(1_000_000);
        known.learn(Err(Missing::TooSlow), now, FETCH);
        assert_eq!(known.serves(now).err(), Some(Missing::TooSlow));
        known.learn(Err(Missing::Unusable), now, Duration::ZERO);
        assert_eq!(known.serves(now).err(), Some(Missing::Unusable));
    }
}
