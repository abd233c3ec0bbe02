//! The nouns: a change from outside of who acts for a company, and a signatory's word about it.

use sha2::{Digest as _, Sha256};
use time::Duration;

use crate::platform::{
    id::{AccountId, CompanyId, Id as _, SignatoryId, SuccessionId},
    moment::Moment,
};

/// How long one waits for signatures or approval.
pub(super) const LIFE: Duration = Duration::days(30);
/// How long a takeover waits that an operator recorded on paper alone: so that whoever did not sign can say so.
pub(super) const PAPER_WAIT: Duration = Duration::hours(72);
/// How much longer it may take to be done then.
pub(super) const DONE_WITHIN: Duration = Duration::days(7);

/// Which change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuccessionKind {
    /// An association has another board.
    Board,
    /// The administrators have left.
    Takeover,
}

impl SuccessionKind {
    /// The word in rows and in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Takeover => "takeover",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Board, Self::Takeover].into_iter().find(|kind| kind.word() == word)
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuccessionState {
    /// Waits for signatures, or for an operator's approval.
    Asked,
    /// So many signatories declined that the rule is out of reach.
    Declined,
    /// It took effect.
    Done,
    /// Nobody did anything in time.
    Lapsed,
    /// An operator refused it.
    Refused,
    /// A signatory has started it without a log-in: waits for an operator.
    Requested,
    /// Taken back by whoever asked.
    Withdrawn,
}

impl SuccessionState {
    const ALL: [Self; 7] = [Self::Asked, Self::Declined, Self::Done, Self::Lapsed, Self::Refused, Self::Requested, Self::Withdrawn];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Declined => "declined",
            Self::Done => "done",
            Self::Lapsed => "lapsed",
            Self::Refused => "refused",
            Self::Requested => "requested",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A change from outside of who acts for a company.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succession {
    /// Its id.
    pub id: SuccessionId,
    /// Of which company.
    pub company: CompanyId,
    /// Which change.
    pub kind: SuccessionKind,
    /// Who asked: an account, or in its place a signatory.
    pub asked_by: AccountId,
    /// Their name at that time.
    pub asked_by_name: String,
    /// The signatory whose address was typed, when it was requested without a log-in.
    pub requested_by: Option<SignatoryId>,
    /// The operator who opened it then, with their name at that time.
    pub opened_by: Option<(AccountId, String)>,
    /// The very change, as JSON.
    pub content: Vec<u8>,
    /// How far.
    pub state: SuccessionState,
    /// How many signatures it needs: by the company's rule when it was asked for. None for a board.
    pub needed: i64,
    /// How many are still missing.
    pub pending: i64,
    /// When asked.
    pub asked_at: Moment,
    /// When it is over if nobody does anything.
    pub lapses_at: Moment,
    /// When it is done, if it waits for that alone: an operator recorded on paper what they had asked for.
    pub ready_at: Option<Moment>,
    /// SHA-256 of the minutes, once there are any.
    pub minutes_hash: Option<Vec<u8>>,
    /// Who approved or ended it, by name at that time.
    pub decided_by_name: Option<String>,
    /// When it took effect or ended.
    pub decided_at: Option<Moment>,
}

impl Succession {
    /// Whether it waits.
    pub fn is_open(&self, now: Moment) -> bool {
        self.state == SuccessionState::Asked && now < self.lapses_at
    }

    /// Whether it waits for an operator to open it.
    pub fn is_requested(&self, now: Moment) -> bool {
        self.state == SuccessionState::Requested && now < self.lapses_at
    }

    /// Whether an operator asked for it or opened it: what they record of it on paper is their own word alone.
    pub fn is_own_of(&self, operator: AccountId) -> bool {
        self.asked_by == operator || self.opened_by.as_ref().is_some_and(|(by, _)| *by == operator)
    }

    /// The operator by whose hand it is asked for.
    pub fn operator(&self) -> AccountId {
        self.opened_by.as_ref().map_or(self.asked_by, |(by, _)| *by)
    }

    /// The fingerprint that signatures and the audit name: this change, of this company, with every detail.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix("segl/succession/v1");
        hash.update(self.id.uuid().as_bytes());
        hash.update(self.company.uuid().as_bytes());
        hash.update(&self.content);
        hash.finalize().into()
    }
}

/// What a signatory said to a takeover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// To which.
    pub succession: SuccessionId,
    /// Who.
    pub signatory: SignatoryId,
    /// When signed.
    pub signed_at: Option<Moment>,
    /// When declined.
    pub declined_at: Option<Moment>,
    /// The day on the form, when it was signed on paper, `YYYY-MM-DD`; and who saw it, by name at that time.
    pub form: Option<(String, String)>,
    /// Who saw it.
    pub seen_by: Option<AccountId>,
}

impl Signature {
    /// Whether nothing was said yet.
    pub fn is_open(&self) -> bool {
        self.signed_at.is_none() && self.declined_at.is_none()
    }

    /// Whether it is a yes.
    pub fn is_given(&self) -> bool {
        self.signed_at.is_some() && self.declined_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_kind_has_a_word_of_its_own() {
        assert!(SuccessionState::ALL.into_iter().all(|state| SuccessionState::of(state.word()) == Some(state)));
        assert!([SuccessionKind::Board, SuccessionKind::Takeover].into_iter().all(|kind| SuccessionKind::of(kind.word()) == Some(kind)));
    }
}
