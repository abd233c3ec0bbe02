//! The chain of hashes: where it breaks, and what kind of break it is.
//!
//! A *place* is the number that an entry has by its hash; it differs from the row's number where rows were inserted or removed and the
//! rest numbered anew. An entry that does not fit waits until the entries after it tell why: if they go on without it, it was inserted;
//! if it fits after the next, the two were exchanged; if the chain goes on with it at a later place, entries before it were removed.
//! What remains is looked at together in the end: an entry that fits another broken place was moved, the rest was edited.

use super::{
    super::{
        chain::{BEGINNING, body_hash, link},
        store::Row,
    },
    Finding, Verdict,
};
use crate::platform::id::AuditEntryId;

/// How many renumbered removals in a row are recognised as such.
const MOST_REMOVED: i64 = 100;
/// How many suspects are compared with each other.
const MOST_COMPARED: usize = 64;

/// What is remembered of an entry that does not fit.
struct Suspect {
    place: i64,
    sequence: i64,
    id: AuditEntryId,
    body: [u8; 32],
    hash: Vec<u8>,
    previous: Vec<u8>,
}

impl Suspect {
    fn fits(&self, previous: &[u8], place: i64) -> bool {
        self.hash == link(previous, place, &self.body)
    }
}

/// The state between two entries.
pub(super) struct ChainCheck {
    /// The hash of the entry before; none after a gap.
    previous: Option<Vec<u8>>,
    /// The next row's number, if none is missing.
    expected: i64,
    /// Row number minus place.
    shift: i64,
    /// The last entry that fitted: its hash and place.
    anchor: (Vec<u8>, i64),
    pending: Vec<Suspect>,
    suspects: Vec<Suspect>,
}

impl Default for ChainCheck {
    fn default() -> Self {
        let beginning = BEGINNING.to_vec();
        Self { previous: Some(beginning.clone()), expected: 1, shift: 0, anchor: (beginning, 0), pending: Vec::new(), suspects: Vec::new() }
    }
}

impl ChainCheck {
    /// Looks at the next entry. Gives its place.
    pub fn check(&mut self, row: &Row, verdict: &mut Verdict) -> i64 {
        let sequence = row.sequence.unwrap_or(0);
        if sequence > self.expected {
            verdict.note(Finding::Removed { first: self.expected - self.shift, last: sequence - 1 - self.shift });
            self.previous = None;
            self.settle();
        }
        self.expected = sequence + 1;
        let hash = row.hash.clone().unwrap_or_default();
        let Some(previous) = self.previous.replace(hash.clone()) else {
            // After a gap nothing tells what this entry's hash was computed from; the next one is checked against it.
            self.anchor = (hash, sequence - self.shift);
            return sequence - self.shift;
        };
        let place = sequence - self.shift;
        let entry = Suspect { place, sequence, id: row.id, body: body_hash(&row.body), hash, previous };
        if entry.fits(&entry.previous, place) {
            self.settle();
            self.anchor = (entry.hash, place);
            return place;
        }
        self.explain(entry, verdict)
    }

    /// An entry that does not follow the row before it.
    fn explain(&mut self, entry: Suspect, verdict: &mut Verdict) -> i64 {
        let (anchor, next) = (self.anchor.0.clone(), self.anchor.1 + 1);
        if !self.pending.is_empty() && entry.fits(&anchor, next) {
            return self.goes_on(entry, next, verdict);
        }
        let removed = (1..=MOST_REMOVED).find(|count| !self.pending.is_empty() && entry.fits(&entry.previous, entry.place + count));
        if let Some(count) = removed {
            verdict.note(Finding::Removed { first: next, last: next + count - 1 });
            self.pending.clear();
            self.shift -= count;
            self.anchor = (entry.hash, entry.place + count);
            return self.anchor.1;
        }
        let place = entry.place;
        self.pending.push(entry);
        place
    }

    /// The chain goes on with this entry as if those that wait were not there.
    fn goes_on(&mut self, entry: Suspect, next: i64, verdict: &mut Verdict) -> i64 {
        let waited = std::mem::take(&mut self.pending);
        if let [other] = waited.as_slice()
            && other.fits(&entry.hash, next + 1)
        {
            verdict.note(Finding::Moved { sequence: other.sequence, belongs_at: next + 1, id: other.id });
            verdict.note(Finding::Moved { sequence: entry.sequence, belongs_at: next, id: entry.id });
            self.anchor = (other.hash.clone(), next + 1);
            self.previous = Some(other.hash.clone());
            return next;
        }
        for inserted in &waited {
            verdict.note(Finding::Inserted { sequence: inserted.sequence, id: inserted.id });
        }
        self.shift = entry.sequence - next;
        self.anchor = (entry.hash, next);
        next
    }

    /// The chain goes on after those that wait: they alone are suspect.
    fn settle(&mut self) {
        self.suspects.append(&mut self.pending);
    }

    /// The place of the last entry.
    pub fn last(&self) -> i64 {
        self.expected - 1 - self.shift
    }

    /// Judges the suspects.
    pub fn end(&mut self, verdict: &mut Verdict) {
        self.settle();
        let suspects = std::mem::take(&mut self.suspects);
        let compared = suspects.get(..MOST_COMPARED).unwrap_or(&suspects);
        let mut named = false;
        for suspect in compared {
            match judged(suspect, compared) {
                Judged::Edited => verdict.note(Finding::Edited { sequence: suspect.sequence, id: suspect.id }),
                Judged::Innocent => continue,
                Judged::Moved(belongs_at) => verdict.note(Finding::Moved { sequence: suspect.sequence, belongs_at, id: suspect.id }),
            }
            named = true;
        }
        let unnamed = suspects.iter().take(usize::from(!named && !compared.is_empty()));
        for suspect in suspects.iter().skip(compared.len()).chain(unnamed) {
            verdict.note(Finding::Edited { sequence: suspect.sequence, id: suspect.id });
        }
    }
}

enum Judged {
    /// It fits nowhere.
    Edited,
    /// It fits where it stands; only the entry before it is not the right one.
    Innocent,
    /// It fits there.
    Moved(i64),
}

fn judged(suspect: &Suspect, all: &[Suspect]) -> Judged {
    let before = || all.iter().flat_map(|other| [other.previous.as_slice(), other.hash.as_slice()]);
    if before().any(|previous| suspect.fits(previous, suspect.place)) {
        return Judged::Innocent;
    }
    let elsewhere = all.iter().filter(|other| other.place != suspect.place).find(|other| {
        before().any(|previous| {
            let hash = link(previous, other.place, &suspect.body);
            all.iter().any(|known| known.hash == hash)
        })
    });
    elsewhere.map_or(Judged::Edited, |other| Judged::Moved(other.place))
}
