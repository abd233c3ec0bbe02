//! The nouns: a token, its standing, a token that comes from a file.

use keycard::oath;
use time::Duration;
use zeroize::Zeroizing;

use crate::platform::{
    id::{AccountId, CodeTokenId, CompanyId},
    moment::Moment,
};

/// So many wrong codes in a row, and the token's codes are taken no more until its holder has activated it again.
pub const WRONG_IN_A_ROW: i64 = 15;
/// After every so many wrong codes no code is taken for [`PAUSE`].
pub const WRONG_BEFORE_PAUSE: i64 = 5;
/// So long.
pub const PAUSE: Duration = Duration::minutes(10);
/// So many presses of the button for nothing are forgiven (RFC 4226 section 7.4 calls it the look-ahead window).
pub const LOOK_AHEAD: u64 = 10;
/// So many steps of time before and after the one that the token should show.
pub const NEIGHBOURS: u64 = 1;
/// So many presses for nothing two codes that follow one another make good.
pub const RESYNC_AHEAD: u64 = 1_000;
/// So many steps that a token's clock is wrong two codes that follow one another make good: ten minutes of half minutes.
pub const RESYNC_STEPS: u64 = 20;
/// A clock that is further off is not followed.
pub const MOST_DRIFT: i64 = 120;
/// At most so many tokens of one file.
pub const MOST_OF_A_FILE: usize = 2_000;
/// No file is larger.
pub const FILE_BYTES: usize = 4 * 1024 * 1024;
/// A serial number is no longer.
const SERIAL_CHARACTERS: usize = 40;

/// What moves the code on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    /// Each press of the button (HOTP).
    Hotp,
    /// The time (TOTP).
    Totp,
}

impl TokenKind {
    /// The word in rows and files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Hotp => "hotp",
            Self::Totp => "totp",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Hotp, Self::Totp].into_iter().find(|kind| kind.word() == word)
    }
}

/// Where a token stands, as its row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Its holder has activated it.
    Active,
    /// Given to somebody, who has not activated it yet.
    Assigned,
    /// Lost, or suspected: its holder may activate it again.
    Blocked,
    /// Replaced, or given up.
    Ended,
    /// Nobody's.
    Stock,
}

impl TokenState {
    const ALL: [Self; 5] = [Self::Active, Self::Assigned, Self::Blocked, Self::Ended, Self::Stock];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Assigned => "assigned",
            Self::Blocked => "blocked",
            Self::Ended => "ended",
            Self::Stock => "stock",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Where a token stands at a moment, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its codes are taken.
    Active,
    /// Its holder has not activated it yet.
    Assigned,
    /// Blocked.
    Blocked,
    /// Replaced, or given up.
    Ended,
    /// Too many wrong codes.
    Quarantined,
    /// Nobody's.
    Stock,
    /// It has served its time.
    Worn,
}

impl Standing {
    /// The word in words' keys.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Assigned => "assigned",
            Self::Blocked => "blocked",
            Self::Ended => "ended",
            Self::Quarantined => "quarantined",
            Self::Stock => "stock",
            Self::Worn => "worn",
        }
    }
}

/// A token, without its seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeToken {
    /// Its id.
    pub id: CodeTokenId,
    /// The number on its back.
    pub serial: String,
    /// What moves its code on.
    pub kind: TokenKind,
    /// How many digits it shows.
    pub digits: i64,
    /// Where it stands, as its row says.
    pub state: TokenState,
    /// Whose.
    pub account: Option<AccountId>,
    /// The company whose administrators alone may give it out; none while any may.
    pub company: Option<CompanyId>,
    /// Wrong codes in a row.
    pub wrong: i64,
    /// Until when no code is taken, after wrong ones.
    pub closed_until: Option<Moment>,
    /// When it was given to somebody.
    pub assigned_at: Option<Moment>,
    /// Until when it serves.
    pub life_until: Option<Moment>,
    /// When a code of it was taken last.
    pub used_at: Option<Moment>,
    /// What it cost, øre: noted when it was given to somebody.
    pub price_ore: Option<i64>,
}

impl CodeToken {
    /// Where it stands now.
    pub fn standing(&self, now: Moment) -> Standing {
        let worn = self.life_until.is_some_and(|until| until <= now);
        match self.state {
            TokenState::Ended => Standing::Ended,
            _ if worn => Standing::Worn,
            TokenState::Active if self.wrong >= WRONG_IN_A_ROW => Standing::Quarantined,
            TokenState::Active => Standing::Active,
            TokenState::Assigned => Standing::Assigned,
            TokenState::Blocked => Standing::Blocked,
            TokenState::Stock => Standing::Stock,
        }
    }

    /// The price in kroner, as `99,00`.
    pub fn price(&self) -> Option<String> {
        self.price_ore.map(kroner)
    }
}

/// Øre as kroner.
pub fn kroner(ore: i64) -> String {
    format!("{},{:02}", ore / 100, ore % 100)
}

/// A token with what judging its codes needs.
pub struct Sealed {
    pub id: CodeTokenId,
    pub kind: TokenKind,
    pub oath: oath::Kind,
    /// Milliseconds of a step.
    pub period_ms: u64,
    /// The first counter or step that is still taken.
    pub counter: u64,
    /// Steps that its clock is ahead of ours.
    pub drift: i64,
    pub sealed: Vec<u8>,
    /// Tries in a row without a right code, this one among them.
    pub tries: i64,
}

impl Sealed {
    /// The step that its clock should show at a moment.
    pub fn present(&self, now: Moment) -> u64 {
        self.step(now).saturating_add_signed(self.drift)
    }

    /// The step by our clock.
    pub fn step(&self, now: Moment) -> u64 {
        u64::try_from(now.millis()).unwrap_or(0) / self.period_ms.max(1)
    }
}

/// What a right code says of its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The first counter or step that is still taken from now on.
    pub counter: i64,
    /// Steps that its clock is ahead of ours.
    pub drift: i64,
}

impl Reached {
    /// After a counter or step was matched.
    pub fn after(token: &Sealed, matched: u64, now: Moment) -> Option<Self> {
        let drift = match token.kind {
            TokenKind::Hotp => 0,
            TokenKind::Totp => i64::try_from(matched).ok()?.checked_sub(i64::try_from(token.step(now)).ok()?)?,
        };
        Some(Self { counter: i64::try_from(matched).ok()?.checked_add(1)?, drift: drift.clamp(-MOST_DRIFT, MOST_DRIFT) })
    }
}

/// Which tokens of the stock somebody may give out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// An administrator: those of the company, and those of none.
    Company,
    /// An operator: all.
    Everything,
}

/// Who gets a token.
#[derive(Clone, Copy, Debug)]
pub struct Taker {
    /// The person.
    pub account: AccountId,
    /// The company, which keeps the token when it is taken back.
    pub company: CompanyId,
    /// What may be given.
    pub reach: Reach,
}

/// A token that comes from a file.
pub struct NewToken {
    /// The number on its back.
    pub serial: String,
    /// What moves its code on.
    pub kind: TokenKind,
    /// Hash and digits.
    pub oath: oath::Kind,
    /// Seconds of a step.
    pub period_seconds: i64,
    /// The next counter.
    pub counter: i64,
    /// Steps that its clock is ahead.
    pub drift: i64,
    /// Its seed.
    pub seed: Zeroizing<Vec<u8>>,
}

/// The shortest seed (RFC 4226 section 4, R6) and the longest, bytes.
pub const SEED_BYTES: std::ops::RangeInclusive<usize> = 16..=64;
/// Seconds of a step.
pub const PERIOD_SECONDS: std::ops::RangeInclusive<i64> = 10..=120;
/// The highest counter that a file may begin at.
pub const FIRST_COUNTER: std::ops::RangeInclusive<i64> = 0..=1_000_000_000;

/// The serial number as it is kept: capitals, digits, hyphens.
pub fn serial(typed: &str) -> Option<String> {
    let serial = typed.trim().to_ascii_uppercase();
    let is_sound =
        (1..=SERIAL_CHARACTERS).contains(&serial.len()) && serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_sound.then_some(serial)
}

/// The word of a hash in rows and files.
pub const fn hash_word(hash: oath::Hash) -> &'static str {
    match hash {
        oath::Hash::Sha1 => "sha1",
        oath::Hash::Sha256 => "sha256",
        oath::Hash::Sha512 => "sha512",
    }
}

/// The hash of a word.
pub fn hash_of(word: &str) -> Option<oath::Hash> {
    [oath::Hash::Sha1, oath::Hash::Sha256, oath::Hash::Sha512].into_iter().find(|hash| hash_word(*hash) == word)
}

/// Six or eight.
pub fn digits_of(count: i64) -> Option<oath::Digits> {
    match count {
        6 => Some(oath::Digits::Six),
        8 => Some(oath::Digits::Eight),
        _ => None,
    }
}

/// How many.
pub const fn digit_count(digits: oath::Digits) -> i64 {
    match digits {
        oath::Digits::Six => 6,
        oath::Digits::Eight => 8,
    }
}

/// What the sealed seed is bound to.
pub fn context(token: CodeTokenId) -> Vec<u8> {
    format!("tokens/seed/v1|{token}").into_bytes()
}

/// In the audit.
pub fn subject(token: CodeTokenId) -> String {
    format!("code_token:{token}")
}
