//! The last comparisons with a server, and what they say together (the clock filter of RFC 5905 section 10).

use std::time::Instant;

use time::Duration;

use super::{Ignorance, State, packet::Sample};
use crate::platform::moment::Moment;

/// How many comparisons are kept.
const KEPT: usize = 8;
/// A comparison this old says nothing any more.
const STALE: std::time::Duration = std::time::Duration::from_secs(160);
/// A clock that moved otherwise than time itself by more than this was set: what was compared before says nothing.
const STEP: Duration = Duration::milliseconds(100);
/// How fast a clock may drift: PHI of RFC 5905, 15 ppm.
const DRIFT_PER_MILLION: i32 = 15;

/// What was compared, and when.
#[derive(Debug, Default)]
pub(super) struct Filter {
    samples: Vec<(Instant, Sample)>,
    /// What our clock said at the last comparison.
    anchor: Option<(Instant, Moment)>,
    /// Nobody is asked until then, for this reason.
    pause: Option<(Instant, Ignorance)>,
}

impl Filter {
    /// Takes a comparison in. One that contradicts those before stands alone: the clock or the server was set.
    pub(super) fn add(&mut self, sample: Sample, at: Instant, wall: Moment) {
        self.drop_useless(at, wall);
        let agrees = |(then, old): &(Instant, Sample)| {
            (old.offset - sample.offset).abs() <= grown(*old, at.saturating_duration_since(*then)) + sample.error
        };
        if !self.samples.iter().all(agrees) {
            self.samples.clear();
        }
        if self.samples.len() == KEPT {
            self.samples.remove(0);
        }
        self.samples.push((at, sample));
        self.anchor = Some((at, wall));
        self.pause = None;
    }

    /// Asks nobody for a while.
    pub(super) fn rest(&mut self, until: Instant, why: Ignorance) {
        self.pause = Some((until, why));
    }

    /// Whether nobody should be asked now.
    pub(super) fn rests(&self, at: Instant) -> bool {
        self.pause.is_some_and(|(until, _)| at < until)
    }

    /// What is known, without asking; none when somebody must be asked.
    pub(super) fn state(&mut self, at: Instant, wall: Moment) -> Option<State> {
        self.drop_useless(at, wall);
        let aged = self.samples.iter().map(|(then, sample)| (sample.offset, grown(*sample, at.saturating_duration_since(*then))));
        match aged.min_by_key(|(_, error)| *error) {
            Some((offset, error)) => Some(State::of(offset, error)),
            None => self.pause.filter(|(until, _)| at < *until).map(|(_, why)| State::Unknown(why)),
        }
    }

    fn drop_useless(&mut self, at: Instant, wall: Moment) {
        let set = self.anchor.is_some_and(|(then, said)| {
            let passed = Duration::try_from(at.saturating_duration_since(then)).unwrap_or(Duration::MAX);
            (wall.since(said) - passed).abs() > STEP
        });
        if set {
            self.samples.clear();
            self.anchor = None;
        }
        self.samples.retain(|(then, _)| at.saturating_duration_since(*then) <= STALE);
    }
}

fn grown(sample: Sample, age: std::time::Duration) -> Duration {
    sample.error + Duration::try_from(age).unwrap_or(Duration::MAX) / (1_000_000 / DRIFT_PER_MILLION)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(offset_ms: i64, error_ms: i64) -> Sample {
        Sample { offset: Duration::milliseconds(offset_ms), error: Duration::milliseconds(error_ms) }
    }

    /// `seconds` later on both clocks.
    fn later((at, wall): (Instant, Moment), seconds: u64) -> (Instant, Moment) {
        (at + std::time::Duration::from_secs(seconds), wall.plus(Duration::seconds(seconds.cast_signed())))
    }

    fn start() -> (Instant, Moment) {
        (Instant::now(), Moment::from_millis(1_795_348_800_000))
    }

    #[test]
    fn the_surest_comparison_counts_until_it_is_stale() {
        let mut filter = Filter::default();
        let first = start();
        assert_eq!(filter.state(first.0, first.1), None);
        filter.add(sample(20, 2), first.0, first.1);
        let second = later(first, 16);
        filter.add(sample(50, 60), second.0, second.1);
        assert_eq!(filter.state(second.0, second.1), Some(State::Trusted { within_ms: 23 }));
        let stale = later(second, 159);
        assert_eq!(filter.state(stale.0, stale.1), Some(State::Trusted { within_ms: 113 }), "only the second is left");
        let gone = later(second, 161);
        assert_eq!(filter.state(gone.0, gone.1), None);
    }

    #[test]
    fn a_clock_that_was_set_is_compared_anew() {
        let mut filter = Filter::default();
        let (at, wall) = start();
        filter.add(sample(0, 1), at, wall);
        assert!(filter.state(at, wall.plus(Duration::milliseconds(90))).is_some());
        assert_eq!(filter.state(at, wall.plus(Duration::HOUR)), None);
    }

    #[test]
    fn a_comparison_that_contradicts_those_before_stands_alone() {
        let mut filter = Filter::default();
        let first = start();
        filter.add(sample(0, 1), first.0, first.1);
        let second = later(first, 16);
        filter.add(sample(1500, 10), second.0, second.1);
        assert_eq!(filter.state(second.0, second.1), Some(State::Off { by_ms: 1510 }));
    }

    #[test]
    fn who_asked_to_be_left_alone_is_not_asked_and_what_was_known_before_counts_on() {
        let mut filter = Filter::default();
        let (at, wall) = start();
        filter.add(sample(0, 1), at, wall);
        filter.rest(at + std::time::Duration::from_secs(64), Ignorance::Silent);
        assert!(filter.rests(at));
        assert_eq!(filter.state(at, wall), Some(State::Trusted { within_ms: 1 }));
        let mut empty = Filter::default();
        empty.rest(at + std::time::Duration::from_secs(64), Ignorance::Silent);
        assert_eq!(empty.state(at, wall), Some(State::Unknown(Ignorance::Silent)));
        let over = later((at, wall), 65);
        assert_eq!(empty.state(over.0, over.1), None);
    }
}
