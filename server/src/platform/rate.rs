//! Counts by name within a span, in the memory of this process: so many, and no more until the span is over.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How many names are counted at once. When there are more, all are counted anew.
const NAMES: usize = 50_000;

/// Where a count stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// There may be more.
    Below,
    /// This one is the first too many.
    Reached,
    /// There were too many before.
    Above,
}

/// The counts of one kind.
#[derive(Default)]
pub struct Counts(Mutex<HashMap<String, (Instant, u32)>>);

impl Counts {
    /// Counts one more under a name.
    pub fn count(&self, name: &str, (most, span): (u32, Duration)) -> Counted {
        self.count_at(name, (most, span), Instant::now())
    }

    fn count_at(&self, name: &str, (most, span): (u32, Duration), now: Instant) -> Counted {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= NAMES {
            counts.retain(|_, (since, _)| now.saturating_duration_since(*since) < span);
            if counts.len() >= NAMES {
                counts.clear();
            }
        }
        let (since, count) = counts.entry(name.to_owned()).or_insert((now, 0));
        if now.saturating_duration_since(*since) >= span {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        match (*count).cmp(&most.saturating_add(1)) {
            std::cmp::Ordering::Less => Counted::Below,
            std::cmp::Ordering::Equal => Counted::Reached,
            std::cmp::Ordering::Greater => Counted::Above,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_counted_anew_after_its_span_and_apart_from_others() {
        let (counts, now, limit) = (Counts::default(), Instant::now(), (2, Duration::from_secs(60)));
        let seen: Vec<Counted> = (0..4).map(|_| counts.count_at("a", limit, now)).collect();
        assert_eq!(seen, [Counted::Below, Counted::Below, Counted::Reached, Counted::Above]);
        assert_eq!(counts.count_at("b", limit, now), Counted::Below);
        assert_eq!(counts.count_at("a", limit, now + limit.1), Counted::Below);
    }
}
