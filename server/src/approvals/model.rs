//! The nouns: what is asked, who began it, how it stands.

use keycard::payload::{Listed, Purpose};
use time::Duration;

use crate::platform::{
    consent,
    id::{AccountId, ApprovalId, SessionId},
    moment::Moment,
};

/// As many wait for one person.
pub const SLOTS: i64 = 3;
/// As many log-ins of one network wait for one person: a stranger there leaves room for the owner elsewhere.
pub const SLOTS_OF_NETWORK: usize = 2;
/// So long a yes may be redeemed.
pub const REDEEMABLE: Duration = Duration::minutes(5);
/// So far back a network's unanswered requests are counted; after "this was not me" it is refused as long.
pub const COUNTED: Duration = Duration::hours(8);
/// So many unanswered requests in a row cost no wait.
const FREE: u32 = 3;
/// The longest wait between two requests of a network.
const LONGEST_WAIT_MINUTES: i64 = 60;

/// Who began a request: pages and back-off tell one from another by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initiator {
    /// The session; none when logging in.
    pub session: Option<SessionId>,
    /// The network.
    pub network: String,
}

/// What a person is to be asked.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What the phone says that it is.
    pub purpose: Purpose,
    /// What the yes will be redeemed for.
    pub consent: consent::Purpose,
    /// What the yes is bound to.
    pub binding: [u8; 32],
    /// Who is asked.
    pub account: AccountId,
    /// The user id, as the phone shows it.
    pub user: String,
    /// The company, as the phone shows it.
    pub company: String,
    /// What it is about, in one line.
    pub title: String,
    /// What else is shown.
    pub lines: Vec<String>,
    /// The serial number of the certificate whose key signs: its secret is asked of the phone.
    pub certificate: Option<Vec<u8>>,
    /// SHA-256 of the bytes that were uploaded.
    pub content: Option<[u8; 32]>,
    /// SHA-256 of what the signature will look like.
    pub plan: Option<[u8; 32]>,
    /// What is signed together.
    pub digests: Vec<Listed>,
    /// Further certificates whose secrets are asked of the phone: only for a new password.
    pub further: Vec<Vec<u8>>,
    /// Who began it.
    pub initiator: Initiator,
}

/// How a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The person said yes.
    Approved,
    /// Three wrong numbers.
    Closed,
    /// More time was asked for: it goes on as another.
    Extended,
    /// Nobody answered in time.
    Lapsed,
    /// "This was not me".
    NotMe,
    /// The person said no.
    Rejected,
    /// A newer request of the same session took its place.
    Replaced,
    /// It waits for its answer.
    Waiting,
    /// It was answered another way: by the key card, say.
    Withdrawn,
}

impl State {
    const ALL: [Self; 9] = [
        Self::Approved,
        Self::Closed,
        Self::Extended,
        Self::Lapsed,
        Self::NotMe,
        Self::Rejected,
        Self::Replaced,
        Self::Waiting,
        Self::Withdrawn,
    ];

    /// The word in rows, in the API and in the history of a phone.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Closed => "closed",
            Self::Extended => "extended",
            Self::Lapsed => "lapsed",
            Self::NotMe => "not-me",
            Self::Rejected => "rejected",
            Self::Replaced => "replaced",
            Self::Waiting => "waiting",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The state at a moment: what still waits in the row may have lapsed.
    #[must_use]
    pub fn at(self, now: Moment, expires_at: Moment) -> Self {
        if self == Self::Waiting && now >= expires_at { Self::Lapsed } else { self }
    }
}

/// How a request stands, for the page that began it: the only one that learns the number.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The newest row.
    pub id: ApprovalId,
    /// How it stands.
    pub state: State,
    /// The two digits.
    pub number: String,
    /// What a phone may scan instead.
    pub scan: String,
    /// Until when it waits.
    pub expires_at: Moment,
    /// When it ended.
    pub ended_at: Option<Moment>,
}

/// A request of a network in the past, newest first, as back-off counts it.
#[derive(Clone, Copy, Debug)]
pub struct Past {
    /// How it ended.
    pub state: State,
    /// When it began.
    pub issued_at: Moment,
}

/// Until when a network that asked for these (newest first) may not ask again.
///
/// What was answered with yes, by the phone or another way, ends the count: the owner's own network is soon forgiven.
pub fn paused_until(past: &[Past]) -> Option<Moment> {
    if let Some(alarm) = past.iter().find(|one| one.state == State::NotMe) {
        return Some(alarm.issued_at.plus(COUNTED));
    }
    let ended = past.iter().filter(|one| !matches!(one.state, State::Extended | State::Waiting));
    let unanswered: Vec<_> = ended.take_while(|one| !matches!(one.state, State::Approved | State::Withdrawn)).collect();
    let over = u32::try_from(unanswered.len()).unwrap_or(u32::MAX).checked_sub(FREE)?;
    let minutes = 1_i64.checked_shl(over.min(6)).unwrap_or(LONGEST_WAIT_MINUTES).min(LONGEST_WAIT_MINUTES);
    unanswered.first().map(|newest| newest.issued_at.plus(Duration::minutes(minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(states: &[State]) -> Vec<Past> {
        let at = |minutes: usize| Moment::from_millis(i64::try_from(minutes).unwrap_or(0) * -60_000);
        states.iter().enumerate().map(|(index, state)| Past { state: *state, issued_at: at(index) }).collect()
    }

    #[test]
    fn a_network_that_nobody_answers_waits_longer_each_time_and_a_yes_ends_that() {
        use State::{Approved, Lapsed, NotMe, Rejected, Withdrawn};
        let minutes = |states: &[State]| paused_until(&past(states)).map(|until| until.millis() / 60_000);
        assert_eq!(minutes(&[]), None);
        assert_eq!(minutes(&[Lapsed, Rejected]), None);
        assert_eq!(minutes(&[Lapsed, Rejected, Lapsed]), Some(1));
        assert_eq!(minutes(&[Lapsed; 5]), Some(4));
        assert_eq!(minutes(&[Lapsed; 40]), Some(60));
        assert_eq!(minutes(&[Lapsed, Lapsed, Approved, Lapsed, Lapsed]), None);
        assert_eq!(minutes(&[Lapsed, Lapsed, Withdrawn, Lapsed, Lapsed]), None);
        assert_eq!(minutes(&[NotMe]), Some(480));
    }

    #[test]
    fn what_waits_in_the_row_has_lapsed_when_its_time_is_over() {
        let at = Moment::from_millis;
        assert_eq!(State::Waiting.at(at(9), at(10)), State::Waiting);
        assert_eq!(State::Waiting.at(at(10), at(10)), State::Lapsed);
        assert_eq!(State::Approved.at(at(11), at(10)), State::Approved);
        assert!(State::ALL.into_iter().all(|state| State::of(state.word()) == Some(state)));
    }
}
