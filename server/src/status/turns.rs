//! Whose turn it is: which of the lists that are due are made in a round, so that those that fail keep no others from being made in time.
//!
//! Promise: authorities take turns, one list each, however many the others have. A list that failed comes after those that did not, and rests
//! before it is tried again; an authority whose key failed three times in a row (a token that is gone) rests as a whole, and is then tried with
//! one list, last of all. What is known of failures is this process's: another node learns by itself.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use time::Duration;

use super::StatusError;
use crate::platform::{id::AuthorityId, moment::Moment};

/// After so many failures of its key in a row an authority rests.
const MOST_IN_A_ROW: u32 = 3;
/// The first rest; each further one is twice as long.
const FIRST_REST: Duration = Duration::seconds(5);
/// The longest rest: whatever was mended, a revocation is still listed within a minute.
const LONGEST_REST: Duration = Duration::seconds(30);

/// A list, or an authority with all of its lists.
type Who = (AuthorityId, Option<i64>);

#[derive(Clone, Copy, Default)]
struct Failures {
    in_a_row: u32,
    rests_until: Option<Moment>,
}

/// What failed lately. One per process or test world.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Who, Failures>>);

impl Turns {
    fn known(&self) -> MutexGuard<'_, HashMap<Who, Failures>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Of what is due, in its order, at most `most` lists of authorities that are well, and then one of each that was not.
    pub(super) fn choose(&self, due: &[(AuthorityId, i64)], now: Moment, most: usize) -> Vec<(AuthorityId, i64)> {
        let known = self.known();
        let of = |who: Who| known.get(&who).copied().unwrap_or_default();
        let rests = |failures: Failures| failures.rests_until.is_some_and(|until| now < until);
        let mut queues: BTreeMap<AuthorityId, Vec<(AuthorityId, i64)>> = BTreeMap::new();
        for (id, shard) in due.iter().filter(|(id, shard)| !rests(of((*id, None))) && !rests(of((*id, Some(*shard))))) {
            queues.entry(*id).or_default().push((*id, *shard));
        }
        let (mut well, mut tries) = (Vec::new(), Vec::new());
        for (id, mut queue) in queues {
            queue.sort_by_key(|(id, shard)| of((*id, Some(*shard))).in_a_row);
            match of((id, None)).rests_until {
                Some(_) => tries.extend(queue.first().copied()),
                None => well.push(queue),
            }
        }
        let rounds = well.iter().map(Vec::len).max().unwrap_or(0);
        let turns = (0..rounds).flat_map(|turn| well.iter().filter_map(move |queue| queue.get(turn).copied()));
        turns.take(most).chain(tries).collect()
    }

    /// Whether the authority rests: its turn ended within the round.
    pub(super) fn rests(&self, authority: AuthorityId, now: Moment) -> bool {
        self.known().get(&(authority, None)).is_some_and(|failures| failures.rests_until.is_some_and(|until| now < until))
    }

    /// The list was made.
    pub(super) fn succeeded(&self, authority: AuthorityId, shard: i64) {
        let mut known = self.known();
        known.remove(&(authority, None));
        known.remove(&(authority, Some(shard)));
    }

    /// The list was not made.
    pub(super) fn failed(&self, authority: AuthorityId, shard: i64, now: Moment, error: &StatusError) {
        let mut known = self.known();
        count(known.entry((authority, Some(shard))).or_default(), 1, now);
        if is_of_the_key(error) {
            count(known.entry((authority, None)).or_default(), MOST_IN_A_ROW, now);
        }
    }
}

fn count(failures: &mut Failures, most: u32, now: Moment) {
    failures.in_a_row = failures.in_a_row.saturating_add(1);
    if failures.in_a_row >= most {
        let doubled = (failures.in_a_row - most).min(10);
        failures.rests_until = Some(now.plus((FIRST_REST * 2_i32.pow(doubled)).min(LONGEST_REST)));
    }
}

/// Whether the authority's other lists would fail too. What is wrong with one list says nothing of them, nor does a database that fails.
fn is_of_the_key(error: &StatusError) -> bool {
    match error {
        StatusError::Authority(_) | StatusError::Crl(_) | StatusError::Keystore(_) => true,
        StatusError::Answer(_)
        | StatusError::NotAsMade { .. }
        | StatusError::Database(_)
        | StatusError::Name(_)
        | StatusError::NoNumber
        | StatusError::NotOffline { .. }
        | StatusError::NoResponder { .. }
        | StatusError::PreviousUnreadable { .. }
        | StatusError::Responder(_)
        | StatusError::WouldForget { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use certs::keystore::KeystoreError;

    use super::*;
    use crate::platform::id::Id as _;

    const NOW: Moment = Moment::from_millis(1_000_000);

    fn authority(number: u128) -> AuthorityId {
        AuthorityId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn lists(number: u128, count: i64) -> Vec<(AuthorityId, i64)> {
        (0..count).map(|shard| (authority(number), shard)).collect()
    }

    #[test]
    fn authorities_take_turns_however_many_lists_one_of_them_has() {
        let due = [lists(1, 400), lists(2, 3)].concat();
        let chosen = Turns::default().choose(&due, NOW, 10);
        assert_eq!(chosen.len(), 10);
        assert_eq!(chosen.iter().filter(|(id, _)| *id == authority(2)).count(), 3);
        assert_eq!(chosen[0..2], [(authority(1), 0), (authority(2), 0)]);
    }

    #[test]
    fn an_authority_whose_key_fails_rests_and_is_tried_with_one_list_at_the_end() {
        let (turns, due) = (Turns::default(), [lists(1, 400), lists(2, 3)].concat());
        let gone = StatusError::Keystore(KeystoreError::DoesNotOpen);
        for shard in 0..3 {
            assert!(!turns.rests(authority(1), NOW));
            turns.failed(authority(1), shard, NOW, &gone);
        }
        assert!(turns.rests(authority(1), NOW));
        assert_eq!(turns.choose(&due, NOW, 10), lists(2, 3));
        let later = NOW.plus(FIRST_REST);
        assert_eq!(turns.choose(&due, later, 10), [lists(2, 3), vec![(authority(1), 3)]].concat());
        for times in 1..20 {
            turns.failed(authority(1), 3, later, &gone);
            assert!(!turns.rests(authority(1), later.plus(LONGEST_REST)), "after {times}");
        }
        turns.succeeded(authority(1), 3);
        assert!(turns.choose(&due, later.plus(LONGEST_REST), 1000).len() == 403, "all of them, at once");
    }

    #[test]
    fn a_list_that_fails_for_itself_comes_after_the_others_of_its_authority() {
        let (turns, due) = (Turns::default(), lists(1, 5));
        let own = StatusError::NotAsMade { authority: "issuing1".to_owned(), shard: 0 };
        for shard in 0..4 {
            turns.failed(authority(1), shard, NOW, &own);
        }
        assert_eq!(turns.choose(&due, NOW, 10), [(authority(1), 4)]);
        assert_eq!(turns.choose(&due, NOW.plus(FIRST_REST), 2), [(authority(1), 4), (authority(1), 0)]);
    }
}
