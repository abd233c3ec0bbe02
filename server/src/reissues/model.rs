//! The noun: a forgotten password, replaced by an administrator.

use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::platform::{
    id::{AccountId, CompanyId, EmployeeId, Id as _, ReissueId},
    moment::Moment,
};

/// So long it may take until link and temporary password are sent; and, from then on, until the new password is chosen, however often they are sent
/// again. What was agreed to is not a permit for ever.
pub(super) const LIFE: Duration = Duration::days(7);

/// So many hours certificates wait where the company has another administrator and none who can agree: whoever asks may have seen to that. No more,
/// since a certificate is signed within two days after its key was made.
pub(super) const ALONE_HOURS: i64 = 47;

/// Who ended to administer the company within so long counts as one who could have agreed.
pub(super) const LATELY: Duration = Duration::days(7);

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReissueState {
    /// Nobody else needs to agree any more.
    Approved,
    /// Waits for a second administrator.
    Asked,
    /// Stopped by the person or an administrator.
    Cancelled,
    /// The person has a new password, and nothing waits.
    Done,
    /// Link and temporary password are on their way, or certificates wait.
    Given,
    /// Nobody went on with it in time.
    Lapsed,
}

impl ReissueState {
    const ALL: [Self; 6] = [Self::Approved, Self::Asked, Self::Cancelled, Self::Done, Self::Given, Self::Lapsed];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Asked => "asked",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
            Self::Given => "given",
            Self::Lapsed => "lapsed",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A forgotten password that an administrator has replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reissue {
    /// Its id.
    pub id: ReissueId,
    /// In which company.
    pub company: CompanyId,
    /// Whose password.
    pub employee: EmployeeId,
    /// Who asked, and alone sends link and temporary password.
    pub asked_by: AccountId,
    /// Their name at that time.
    pub asked_by_name: String,
    /// How far.
    pub state: ReissueState,
    /// When asked.
    pub asked_at: Moment,
    /// When it is over if nobody sends anything.
    pub lapses_at: Moment,
    /// So many hours certificates wait, since the old password stopped.
    pub wait_hours: i64,
    /// Who approved, by the name at that time; none where nobody else had to.
    pub approved_by_name: Option<String>,
    /// When link and temporary password were sent, and the old password stopped.
    pub given_at: Option<Moment>,
    /// From when certificates may follow.
    pub certificates_from: Option<Moment>,
    /// When it ended.
    pub ended_at: Option<Moment>,
}

impl Reissue {
    /// Whether it goes on.
    pub fn is_open(&self, now: Moment) -> bool {
        match self.state {
            ReissueState::Asked | ReissueState::Approved => now < self.lapses_at,
            ReissueState::Given => true,
            ReissueState::Cancelled | ReissueState::Done | ReissueState::Lapsed => false,
        }
    }

    /// Whether link and temporary password may be sent, for the first time or again.
    pub fn may_be_sent(&self, now: Moment) -> bool {
        match self.state {
            ReissueState::Approved => now < self.lapses_at,
            ReissueState::Given => !self.is_unused_for_long(now),
            ReissueState::Asked | ReissueState::Cancelled | ReissueState::Done | ReissueState::Lapsed => false,
        }
    }

    /// Whether the time to choose a new password is over, if none was chosen.
    pub fn is_unused_for_long(&self, now: Moment) -> bool {
        self.given_at.is_some_and(|at| now >= at.plus(LIFE))
    }

    /// What a yes of the second administrator is bound to.
    pub fn binding_to_grant(&self) -> [u8; 32] {
        self.binding("segl/reissue/grant/v1")
    }

    /// What a yes of the person's own phone is bound to.
    pub fn binding_to_hasten(&self) -> [u8; 32] {
        self.binding("segl/reissue/hasten/v1")
    }

    fn binding(&self, what: &str) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(what);
        hash.update(self.id.uuid().as_bytes());
        hash.update(self.employee.uuid().as_bytes());
        hash.update(self.asked_by.uuid().as_bytes());
        hash.finalize().into()
    }
}

/// How it stands, with what the person has done meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The one who asked may send link and temporary password.
    Approved,
    /// Waits for a second administrator.
    Asked,
    /// It was stopped.
    Cancelled,
    /// It is done.
    Done,
    /// Nobody went on with it in time.
    Lapsed,
    /// Link and temporary password are on their way; the old password has stopped.
    Sent,
    /// The person has a new password, and the certificates wait.
    Waiting,
}

impl Standing {
    /// The word in keys of words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Asked => "asked",
            Self::Cancelled => "cancelled",
            Self::Done => "done",
            Self::Lapsed => "lapsed",
            Self::Sent => "sent",
            Self::Waiting => "waiting",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reissue(state: ReissueState) -> Reissue {
        let at = Moment::from_millis(0);
        Reissue {
            id: ReissueId::from_uuid(uuid::Uuid::from_u128(1)),
            company: CompanyId::from_uuid(uuid::Uuid::nil()),
            employee: EmployeeId::from_uuid(uuid::Uuid::nil()),
            asked_by: AccountId::from_uuid(uuid::Uuid::nil()),
            asked_by_name: String::new(),
            state,
            asked_at: at,
            lapses_at: at.plus(LIFE),
            wait_hours: 24,
            approved_by_name: None,
            given_at: None,
            certificates_from: None,
            ended_at: None,
        }
    }

    #[test]
    fn every_state_has_a_word_of_its_own() {
        assert!(ReissueState::ALL.into_iter().all(|state| ReissueState::of(state.word()) == Some(state)));
    }

    #[test]
    fn a_yes_of_the_second_administrator_is_none_of_the_phone() {
        let one = reissue(ReissueState::Asked);
        assert_ne!(one.binding_to_grant(), one.binding_to_hasten());
    }

    #[test]
    fn what_was_sent_can_be_stopped_for_as_long_as_it_stands_and_is_sent_again_for_a_week() {
        let late = Moment::from_millis(0).plus(LIFE);
        let given = Reissue { given_at: Some(Moment::from_millis(0)), ..reissue(ReissueState::Given) };
        assert!(given.is_open(late) && !given.may_be_sent(late) && given.may_be_sent(Moment::from_millis(1)));
        assert!(!reissue(ReissueState::Asked).may_be_sent(Moment::from_millis(1)));
        assert!(!reissue(ReissueState::Approved).is_open(late));
        assert!(!reissue(ReissueState::Cancelled).is_open(Moment::from_millis(0)));
    }
}
