//! The noun: a change that waits for a second administrator.

use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::platform::{
    id::{AccountId, CompanyId, Id as _, MandateId},
    moment::Moment,
};

/// How long a change waits.
pub(super) const LIFE: Duration = Duration::days(14);

/// How long a change waits that nobody can consent to who could lately, or that takes a superadministrator away with nobody else to consent: long
/// enough to refuse it.
pub(super) const ALONE: Duration = Duration::days(7);

/// Who ended to administer the company within so long counts as one whose consent would be needed, as in `reissues`.
pub(super) const LATELY: Duration = Duration::days(7);

/// How far a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MandateState {
    /// A second administrator consented, and it is done.
    Approved,
    /// Waits for a second administrator.
    Asked,
    /// Nobody did anything in time, or it could not be done any more.
    Lapsed,
    /// Nobody could consent and nobody refused: it waited, and is done.
    Performed,
    /// Somebody refused who may.
    Refused,
    /// Taken back by whoever asked.
    Withdrawn,
}

impl MandateState {
    const ALL: [Self; 6] = [Self::Approved, Self::Asked, Self::Lapsed, Self::Performed, Self::Refused, Self::Withdrawn];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Asked => "asked",
            Self::Lapsed => "lapsed",
            Self::Performed => "performed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A change that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// Its id.
    pub id: MandateId,
    /// Of which company.
    pub company: CompanyId,
    /// Who asked.
    pub asked_by: AccountId,
    /// Their name at that time.
    pub asked_by_name: String,
    /// The very change, as JSON: what a consent is bound to.
    pub content: Vec<u8>,
    /// How far.
    pub state: MandateState,
    /// When asked.
    pub asked_at: Moment,
    /// When it is over if nobody does anything.
    pub lapses_at: Moment,
    /// When it is done without consent; none where it needs consent.
    pub performs_at: Option<Moment>,
    /// Who decided, by name at that time.
    pub decided_by_name: Option<String>,
    /// When decided.
    pub decided_at: Option<Moment>,
}

impl Mandate {
    /// Whether it waits.
    pub fn is_open(&self, now: Moment) -> bool {
        self.state == MandateState::Asked && now < self.lapses_at
    }

    /// What a yes to it is bound to: this change, who asked, and every detail.
    pub fn binding(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix("segl/mandate/v1");
        hash.update(self.id.uuid().as_bytes());
        hash.update(self.asked_by.uuid().as_bytes());
        hash.update(&self.content);
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_word_of_its_own() {
        for state in MandateState::ALL {
            assert_eq!(MandateState::of(state.word()), Some(state));
        }
    }
}
