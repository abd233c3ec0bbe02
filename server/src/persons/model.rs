//! The nouns: a signature as its owner sees it, a member of a person's set.

use time::Duration;

use crate::platform::{
    id::{AccountId, EmployeeId, PersonId},
    moment::Moment,
};

/// The most signatures of one person.
pub const MOST_SIGNATURES: usize = 10;
/// So long the log-in with the other signature may take.
pub(super) const LINK_LIVES: Duration = Duration::minutes(15);

/// A signature in a person's set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Member {
    /// Whose set.
    #[sqlx(rename = "person_id")]
    pub person: PersonId,
    /// The account of the signature.
    #[sqlx(rename = "account_id")]
    pub account: AccountId,
    /// When its owner linked it last.
    pub linked_at: Moment,
}

impl Member {
    /// Whether the link was made under the present activation. An account that was activated anew has a password that an administrator's word began.
    pub fn counts(&self, activated_at: Option<Moment>) -> bool {
        activated_at.is_some_and(|activated_at| activated_at <= self.linked_at)
    }
}

/// How a signature stands, to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = OwnSignatureState)]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    /// One can log in and sign with it.
    Active,
    /// Its owner left the company, or the company is here no more.
    Ended,
    /// It may do nothing until somebody lifts that.
    Suspended,
    /// It waits for a new password.
    Waiting,
}

impl SignatureState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Ended, Self::Suspended, Self::Waiting];

    /// The word in keys of words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Ended => "ended",
            Self::Suspended => "suspended",
            Self::Waiting => "waiting",
        }
    }
}

/// One of a person's signatures, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = OwnSignature)]
pub struct Signature {
    /// The employee.
    pub employee: EmployeeId,
    /// The name that the company knows.
    pub name: String,
    /// The company's full name.
    pub company: String,
    /// The company's CVR number, or an association's own number.
    pub number: String,
    /// What one logs in with; null once it has ended.
    pub user_id: Option<String>,
    /// How it stands.
    pub state: SignatureState,
    /// When its certificate ends; null without one that is valid.
    pub valid_until: Option<Moment>,
    /// When it was linked; null for the signature that asks, while it has no other.
    pub linked_at: Option<Moment>,
    /// Whether this session is this signature's.
    pub this: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{
        id::Id as _,
        testing::SeededRandom,
        words::{Language, Words},
    };

    #[test]
    fn a_link_of_before_the_present_activation_counts_no_more() {
        let (random, at) = (SeededRandom::new(1), Moment::from_millis(1_795_348_800_000));
        let member = Member { person: PersonId::fresh(at, &random), account: AccountId::fresh(at, &random), linked_at: at };
        assert!(member.counts(Some(at)) && member.counts(Some(at.plus(-Duration::DAY))));
        assert!(!member.counts(Some(at.plus(Duration::SECOND))) && !member.counts(None));
    }

    #[test]
    fn every_state_has_its_words() {
        let known = Words(Language::Da).keys();
        assert!(SignatureState::ALL.iter().all(|state| known.contains(&format!("persons.state_{}", state.word()))));
    }
}
