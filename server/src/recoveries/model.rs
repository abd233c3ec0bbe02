//! The noun: somebody's decryption keys, to be brought back by two.

use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::platform::{
    id::{AccountId, CompanyId, EmployeeId, HolderId, Id as _, RecoveryId},
    moment::Moment,
};

/// How long the employee may object.
pub const OBJECTION: Duration = Duration::hours(48);
/// How long a recovery may take in all.
pub(super) const LIFE: Duration = Duration::days(14);

/// How far a recovery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryState {
    /// A second person approved; the one who asked may collect when the employee can object no more.
    Approved,
    /// Waits for a second person.
    Asked,
    /// The keys were handed out, once.
    Collected,
    /// Nobody did anything in time.
    Lapsed,
    /// The employee objected.
    Objected,
    /// Taken back by an administrator.
    Withdrawn,
}

impl RecoveryState {
    const ALL: [Self; 6] = [Self::Approved, Self::Asked, Self::Collected, Self::Lapsed, Self::Objected, Self::Withdrawn];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Asked => "asked",
            Self::Collected => "collected",
            Self::Lapsed => "lapsed",
            Self::Objected => "objected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A recovery of all of one employee's decryption keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Its id.
    pub id: RecoveryId,
    /// In which company.
    pub company: CompanyId,
    /// Whose keys.
    pub employee: EmployeeId,
    /// Who asked, and alone collects.
    pub asked_by: AccountId,
    /// Their name at that time.
    pub asked_by_name: String,
    /// Why, in the words of the one who asked; the employee reads it.
    pub reason: String,
    /// How far.
    pub state: RecoveryState,
    /// When asked.
    pub asked_at: Moment,
    /// Until when the employee may object, and nobody collects: decided when asked. For whoever had left by then, the moment of asking.
    pub objectable_until: Moment,
    /// When it is over if nobody does anything.
    pub lapses_at: Moment,
    /// Who approved: a person or a signatory.
    pub approved_by: Option<HolderId>,
    /// Their name at that time.
    pub approved_by_name: Option<String>,
    /// When approved.
    pub approved_at: Option<Moment>,
    /// When collected, or ended otherwise.
    pub ended_at: Option<Moment>,
}

impl Recovery {
    /// Whether it goes on.
    pub fn is_open(&self, now: Moment) -> bool {
        matches!(self.state, RecoveryState::Asked | RecoveryState::Approved) && now < self.lapses_at
    }

    /// Whether the employee may object.
    pub fn is_objectable(&self, now: Moment) -> bool {
        self.is_open(now) && now < self.objectable_until
    }

    /// Whether the employee was in service when it was asked for, and so had time to object.
    pub fn gave_time(&self) -> bool {
        self.objectable_until > self.asked_at
    }

    /// From when it may be collected, once approved. No later dismissal shortens it: who dismisses may be who asked.
    pub fn collectable_from(&self) -> Moment {
        self.objectable_until
    }

    /// What a yes to it is bound to: this recovery, whose keys, who asked and why.
    pub fn binding(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix("segl/recover-key/v1");
        hash.update(self.id.uuid().as_bytes());
        hash.update(self.employee.uuid().as_bytes());
        hash.update(self.asked_by.uuid().as_bytes());
        hash.update(&self.reason);
        hash.finalize().into()
    }

    /// For what shares are released: they open for no other recovery.
    pub(super) fn purpose(id: RecoveryId) -> Vec<u8> {
        [b"recovery|".as_slice(), id.uuid().as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_word_of_its_own() {
        for state in RecoveryState::ALL {
            assert_eq!(RecoveryState::of(state.word()), Some(state));
        }
    }
}
