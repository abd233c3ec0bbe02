//! The nouns: a reset, how it stands.

use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::platform::{
    id::{AccountId, ApprovalId, ResetId},
    moment::Moment,
};

/// A mailed link is good for so long, and so long may its browser ask the phone again. Not shorter than [`COUNTED`]: a stranger who has all a
/// day's links mailed would keep the person from one that works.
pub const LIFETIME: Duration = COUNTED;
/// So many links go to one person within [`COUNTED`].
pub const LINKS: i64 = 3;
/// So far back a person's links are counted.
pub const COUNTED: Duration = Duration::days(1);
/// So often a network may ask within [`ASKED_IN`].
pub const ASKINGS: i64 = 10;
/// So far back a network's askings are counted.
pub const ASKED_IN: Duration = Duration::hours(1);
/// So long after the yes the password is being changed; later it was interrupted.
pub const MAKING: Duration = Duration::seconds(30);
/// As many keys come under the new password by one yes: the certificate that a request names, and the further ones.
pub const KEYS: usize = keycard::payload::FURTHER + 1;

/// How far a reset is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetState {
    /// A browser has claimed the link, and the phone is or was asked.
    Asked,
    /// The new password works.
    Done,
    /// A newer one took its place, or the password changed otherwise.
    Ended,
    /// The link is on its way.
    Open,
}

impl ResetState {
    const ALL: [Self; 4] = [Self::Asked, Self::Done, Self::Ended, Self::Open];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Done => "done",
            Self::Ended => "ended",
            Self::Open => "open",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A reset.
#[derive(Clone, Debug)]
pub struct Reset {
    /// Its id.
    pub id: ResetId,
    /// Whose.
    pub account: AccountId,
    /// What the phone was asked.
    pub approval: Option<ApprovalId>,
    /// How far.
    pub state: ResetState,
    /// When it dies.
    pub expires_at: Moment,
}

impl Reset {
    /// What the yes is bound to: this reset, from the password with this salt to the one with that.
    pub fn binding(&self, old_salt: &[u8], new_salt: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix("segl/new-password/v1");
        for part in [self.id.to_string().as_bytes(), old_salt, new_salt] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// What the page shows that asked the phone.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Names the reset for this browser; 128 random bits.
    pub token: String,
    /// The two digits that the person types on the phone.
    pub number: String,
    /// What a phone may scan instead.
    pub scan: String,
    /// Until when it waits.
    pub expires_at: Moment,
}

/// How a reset stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResetStanding {
    /// Three wrong numbers: the link is of no more use.
    Closed,
    /// The new password works.
    Done,
    /// Too late, or interrupted: choose the password again.
    Lapsed,
    /// The person said yes; the password is being changed.
    Making,
    /// "This was not me": the link is of no more use.
    NotMe,
    /// The person said no: the link is of no more use.
    Rejected,
    /// The phone is asked.
    Waiting,
}

/// How a reset stands, for the browser that claimed its link.
#[derive(Clone, Debug)]
pub struct Stands {
    /// How.
    pub standing: ResetStanding,
    /// The two digits; empty when nothing waits.
    pub number: String,
    /// What a phone may scan instead; empty when nothing waits.
    pub scan: String,
    /// Until when the phone is asked.
    pub expires_at: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::id::Id as _;

    #[test]
    fn a_yes_is_bound_to_one_reset_and_both_passwords() {
        let reset = |byte: u8| Reset {
            id: ResetId::from_uuid(uuid::Uuid::from_bytes([byte; 16])),
            account: AccountId::from_uuid(uuid::Uuid::nil()),
            approval: None,
            state: ResetState::Open,
            expires_at: Moment::from_millis(0),
        };
        let all = [
            reset(1).binding(b"old", b"new"),
            reset(2).binding(b"old", b"new"),
            reset(1).binding(b"ol", b"dnew"),
            reset(1).binding(b"new", b"old"),
        ];
        assert!(all.iter().enumerate().all(|(at, one)| !all[..at].contains(one)));
        assert!(ResetState::ALL.into_iter().all(|state| ResetState::of(state.word()) == Some(state)));
    }
}
