//! The nouns: a card, a question.

use time::Duration;

use crate::platform::{
    id::{AccountId, ChallengeId, KeycardId, SessionId},
    moment::Moment,
};

/// How long a question waits for its answer.
pub const QUESTION_LIVES: Duration = Duration::minutes(5);
/// So many wrong keys burn the number that was asked for.
pub const WRONG_PER_KEY: i64 = 5;
/// So many wrong keys in a row put the card in quarantine.
pub const WRONG_PER_CARD: i64 = 15;
/// The next card is ordered when so many keys are left, unless the person wants it otherwise ...
pub const ORDER_AT: i64 = 20;
/// ... within these bounds.
pub const ORDER_AT_BOUNDS: std::ops::RangeInclusive<i64> = 5..=100;
/// A card's sheet may be fetched without further proof for so long after issue.
pub const FETCH_WITHIN: Duration = Duration::minutes(15);
/// A session that proved its person so shortly before the card was issued is the one that it was issued to.
pub const PROVEN_BEFORE: Duration = Duration::minutes(5);
/// The most extra cards of one person who orders them, beside the one in use.
pub const MOST_EXTRA: usize = 3;
/// The most extra cards of a person for whom somebody else orders, beside the one in use.
pub const MOST_EXTRA_IN_PERSON: usize = 10;
/// At most so many cards are ordered for one person within a day, blocked ones too.
pub const ORDERED_A_DAY: i64 = 11;
/// So soon after a card was issued none is ordered in place of it: somebody pressed twice.
pub const ORDERED_TWICE: Duration = Duration::minutes(1);
/// So often a network may try to block a lost card of one user id ...
pub const LOST_TRIES: i64 = 10;
/// ... and of whatever user id ...
pub const LOST_TRIES_OF_NETWORK: i64 = 100;
/// ... within so long.
pub const LOST_TRIES_IN: Duration = Duration::hours(1);

/// Where a card stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeycardState {
    /// Its keys can be asked for.
    Active,
    /// The person or an administrator ended it.
    Blocked,
    /// Too many wrong keys.
    Quarantined,
    /// Another card was taken into use.
    Replaced,
    /// No key is left.
    UsedUp,
}

impl KeycardState {
    const ALL: [Self; 5] = [Self::Active, Self::Blocked, Self::Quarantined, Self::Replaced, Self::UsedUp];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Blocked => "blocked",
            Self::Quarantined => "quarantined",
            Self::Replaced => "replaced",
            Self::UsedUp => "used_up",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A card, without its keys.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Keycard {
    /// Its id.
    pub id: KeycardId,
    /// Whose.
    #[serde(skip)]
    pub account: AccountId,
    /// The number at its top: a letter and nine digits.
    pub number: String,
    /// Where it stands.
    pub state: KeycardState,
    /// How many of its 148 keys can still be asked for.
    pub keys_left: i64,
    /// When it was issued.
    pub issued_at: Moment,
    /// When its sheet was first fetched.
    pub fetched_at: Option<Moment>,
    /// When its first key was used: since then it is the card in use, until another takes its place.
    pub first_used_at: Option<Moment>,
    /// The session that ordered it.
    #[serde(skip)]
    pub ordered_by: Option<SessionId>,
}

impl Keycard {
    /// The URL of its sheet, for pages: A4.
    pub fn sheet_path(&self, ending: &str) -> String {
        format!("/account/keycards/{}/{ending}", self.id)
    }

    /// Whether its keys can be asked for.
    pub fn is_active(&self) -> bool {
        self.state == KeycardState::Active
    }

    /// Whether it lies ready, and no key of it was used.
    pub fn is_fresh(&self) -> bool {
        self.is_active() && self.first_used_at.is_none()
    }
}

/// What the person must answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The question's id.
    pub challenge: ChallengeId,
    /// Which card.
    pub card_number: String,
    /// Which number on it, four digits.
    pub key_number: String,
    /// Until when.
    pub expires_at: Moment,
}
