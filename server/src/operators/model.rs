//! The noun: a change of the operators that waits for a second person.

use certs::name::EmailAddress;
use time::Duration;

use crate::platform::{
    actor::Role,
    fault::FieldFault,
    id::{AccountId, OperatorChangeId},
    moment::Moment,
    words::Language,
};

/// How long a change waits for consent.
pub const LIFE: Duration = Duration::days(7);
/// So many operators there may be, whoever has not activated included.
pub const MOST: usize = 100;
/// What an operator may be, in the order of the permission matrix.
pub const OPERATOR_ROLES: [Role; 4] = [Role::Registration, Role::Security, Role::HelpDesk, Role::Auditor];

/// The roles of these words, each once and in the order of the matrix.
///
/// # Errors
/// When there is none, or a word is no role of operators.
pub fn roles_of<W: AsRef<str>>(words: &[W]) -> Result<Vec<Role>, FieldFault> {
    let known = |word: &W| OPERATOR_ROLES.into_iter().find(|role| role.word() == word.as_ref().trim());
    let given: Option<Vec<Role>> = words.iter().map(known).collect();
    match given {
        None => Err(FieldFault::new("roles", "field_choice")),
        Some(given) if given.is_empty() => Err(FieldFault::new("roles", "field_choice")),
        Some(given) => Ok(OPERATOR_ROLES.into_iter().filter(|role| given.contains(role)).collect()),
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The operator ends: no session, card or phone works any more.
    End,
    /// Somebody becomes an operator.
    Invite,
    /// The operator has other roles.
    Roles,
}

impl ChangeKind {
    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Invite => "invite",
            Self::Roles => "roles",
        }
    }

    /// The kind of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::End, Self::Invite, Self::Roles].into_iter().find(|kind| kind.word() == word)
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Waits for a second person.
    Asked,
    /// It took effect.
    Done,
    /// Nobody consented in time.
    Lapsed,
    /// Somebody with the role said no.
    Refused,
    /// Taken back by whoever asked, or overtaken by that operator's own end.
    Withdrawn,
}

impl ChangeState {
    const ALL: [Self; 5] = [Self::Asked, Self::Done, Self::Lapsed, Self::Refused, Self::Withdrawn];

    /// The word in rows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Done => "done",
            Self::Lapsed => "lapsed",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The full name.
    pub name: String,
    /// Where the link goes.
    pub email: EmailAddress,
    /// The language of mails.
    pub language: Language,
    /// What the person will be.
    pub roles: Vec<Role>,
}

/// A change that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: OperatorChangeId,
    /// What is asked.
    pub kind: ChangeKind,
    /// Whose account; for an invitation the one that it makes.
    pub account: AccountId,
    /// The person's name.
    pub name: String,
    /// Where an invitation goes; empty otherwise.
    pub email: String,
    /// The language of an invited person.
    pub language: Language,
    /// The roles that the person will have; none at an end.
    pub roles: Vec<Role>,
    /// Who asked.
    pub asked_by: AccountId,
    /// Their name at that time.
    pub asked_by_name: String,
    /// What became of it.
    pub state: ChangeState,
    /// When asked.
    pub asked_at: Moment,
    /// When it is over if nobody consents.
    pub lapses_at: Moment,
    /// When it takes effect by itself, where nobody could consent.
    pub effective_at: Option<Moment>,
    /// Who consented, refused or withdrew.
    pub decided_by_name: Option<String>,
    /// When it took effect or ended otherwise.
    pub ended_at: Option<Moment>,
}

impl Change {
    /// What of it there may be one at a time: the invited address, or the account.
    pub fn subject(&self) -> String {
        match self.kind {
            ChangeKind::Invite => format!("mail:{}", self.email.to_lowercase()),
            ChangeKind::End | ChangeKind::Roles => format!("account:{}", self.account),
        }
    }

    /// Whether it waits still.
    pub fn is_open(&self, now: Moment) -> bool {
        self.state == ChangeState::Asked && now < self.lapses_at
    }

    /// The roles as words with commas between, as messages put them into words; `none` at an end.
    pub fn role_words(&self) -> String {
        match self.kind {
            ChangeKind::End => "none".to_owned(),
            ChangeKind::Invite | ChangeKind::Roles => words(&self.roles),
        }
    }
}

/// Words with commas between.
pub fn words(roles: &[Role]) -> String {
    roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roles_are_each_once_and_in_the_order_of_the_matrix() {
        assert_eq!(roles_of(&["auditor", "security", "auditor"]).unwrap(), [Role::Security, Role::Auditor]);
    }

    #[test]
    fn no_operator_is_an_administrator_or_nothing() {
        assert!(roles_of(&["security", "administrator"]).is_err());
        assert!(roles_of::<&str>(&[]).is_err());
    }
}
