//! The nouns: what is asked, who began it, how it stands.

use keycard::payload::{Listed, Purpose};
use time::Duration;

use crate::platform::{
    consent,
    id::{AccountId, ApprovalId, SessionId},
    moment::Moment,
    words::Language,
};

/// So long a yes may be redeemed.
pub const REDEEMABLE: Duration = Duration::minutes(5);
/// So far back a network's unanswered requests are counted; after "this was not me" it is refused as long.
pub const COUNTED: Duration = Duration::hours(8);
/// So many unanswered requests in a row of one network cost no wait.
const FREE: u32 = 3;
/// So many of one session, which has shown a second factor already.
const FREE_OF_SESSION: u32 = 5;
/// So many log-ins that nobody answered, of whatever networks, cost strangers no wait.
const FREE_OF_STRANGERS: u32 = 6;
/// The longest wait between two requests.
const LONGEST_WAIT_MINUTES: i64 = 60;

/// How far a person who begins is known by what was shown before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standpoint {
    /// Logging in, at a device in which this person has logged in before; or by a link that was mailed to the person.
    Known,
    /// In a session: password and second factor were shown.
    Session(SessionId),
    /// Logging in, at any other device: nothing but the password is known.
    Stranger,
}

impl Standpoint {
    /// The session, if it is one.
    pub const fn session(self) -> Option<SessionId> {
        match self {
            Self::Session(session) => Some(session),
            Self::Known | Self::Stranger => None,
        }
    }

    /// The slots that may be taken, best first. Each keeps one that whoever has shown less cannot take: with the password alone nobody fills the
    /// list of a person who logs in as always, and no log-ins fill that of one who is logged in.
    pub const fn slots(self) -> &'static [i64] {
        match self {
            Self::Known => &[1, 0],
            Self::Session(_) => &[2, 1, 0],
            Self::Stranger => &[0],
        }
    }
}

/// Who begins a request: pages and back-off tell one from another by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initiator {
    /// What has been shown.
    pub standpoint: Standpoint,
    /// The network.
    pub network: String,
}

/// Who began a request, as its row tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Began {
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
    /// The person's language, for the rough place.
    pub language: Language,
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

    /// What a page that waited says when the phone will not say yes any more; none while it may.
    pub const fn over(self) -> Option<&'static str> {
        match self {
            Self::Approved | Self::Extended | Self::Waiting => None,
            Self::Closed => Some("logins.phone_closed"),
            Self::Lapsed => Some("logins.phone_lapsed"),
            Self::NotMe => Some("logins.phone_not_me"),
            Self::Rejected => Some("logins.phone_rejected"),
            Self::Replaced => Some("logins.phone_replaced"),
            Self::Withdrawn => Some("logins.phone_withdrawn"),
        }
    }

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

    const fn is_over(self) -> bool {
        !matches!(self, Self::Extended | Self::Waiting)
    }

    /// Nobody said yes, here or another way.
    const fn is_unanswered(self) -> bool {
        !matches!(self, Self::Approved | Self::Withdrawn)
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

/// The digits of a number apart, for those who listen.
pub fn spoken(number: &str) -> String {
    number.chars().map(String::from).collect::<Vec<_>>().join(" ")
}

/// A request in the past, newest first, as back-off counts it.
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
pub fn network_paused_until(past: &[Past]) -> Option<Moment> {
    paused_until(past, FREE)
}

/// Until when a session that asked for these (newest first) may not ask again. What it was answered with yes ends the count.
pub fn session_paused_until(past: &[Past]) -> Option<Moment> {
    paused_until(past, FREE_OF_SESSION)
}

fn paused_until(past: &[Past], free: u32) -> Option<Moment> {
    if let Some(alarm) = past.iter().find(|one| one.state == State::NotMe) {
        return Some(alarm.issued_at.plus(COUNTED));
    }
    let row = past.iter().filter(|one| one.state.is_over()).take_while(|one| one.state.is_unanswered());
    backed_off(row, free)
}

/// Until when strangers may not ask, after these log-ins of all networks (newest first). No yes ends this count: the owner's is none of theirs.
pub fn strangers_paused_until(past: &[Past]) -> Option<Moment> {
    backed_off(past.iter().filter(|one| one.state.is_over() && one.state.is_unanswered()), FREE_OF_STRANGERS)
}

fn backed_off<'a>(unanswered: impl Iterator<Item = &'a Past>, free: u32) -> Option<Moment> {
    let unanswered: Vec<_> = unanswered.collect();
    let over = u32::try_from(unanswered.len()).unwrap_or(u32::MAX).checked_sub(free)?;
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
        let minutes = |states: &[State]| network_paused_until(&past(states)).map(|until| until.millis() / 60_000);
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
    fn strangers_wait_after_six_that_nobody_answered_whatever_the_owner_answers() {
        use State::{Approved, Lapsed, NotMe, Replaced, Waiting};
        let minutes = |states: &[State]| strangers_paused_until(&past(states)).map(|until| until.millis() / 60_000);
        assert_eq!(minutes(&[Lapsed; 5]), None);
        assert_eq!(minutes(&[Lapsed, Replaced, Approved, Lapsed, NotMe, Waiting, Lapsed, Replaced]), Some(1));
        assert_eq!(minutes(&[Lapsed; 8]), Some(4));
        assert_eq!(minutes(&[Approved; 60]), None);
    }

    #[test]
    fn whoever_has_shown_more_keeps_a_slot_that_others_cannot_take() {
        let session = Standpoint::Session(crate::platform::id::Id::from_uuid(uuid::Uuid::nil()));
        let ladder = [Standpoint::Stranger, Standpoint::Known, session];
        for pair in ladder.windows(2) {
            let kept: Vec<_> = pair[1].slots().iter().filter(|slot| !pair[0].slots().contains(slot)).collect();
            assert_eq!(kept.len(), 1, "{pair:?}");
            assert!(pair[0].slots().iter().all(|slot| pair[1].slots().contains(slot)));
        }
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
