//! Why a change of operators is refused.

use super::ChangeState;
use crate::{
    accounts::AccountError,
    keycards::KeycardError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault},
    tokens::TokenError,
};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Of the account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Nobody else has the role security, so nobody could consent.
    #[error("nobody else has the role security")]
    Alone,
    /// Something about the same person waits already.
    #[error("a change of the same person waits already")]
    AlreadyAsked,
    /// An operator has this address.
    #[error("an operator has this address already")]
    AlreadyOperator,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// It waits no more.
    #[error("the change is {}", state.word())]
    Ended {
        /// What became of it.
        state: ChangeState,
    },
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// Of the key card.
    #[error(transparent)]
    Keycard(#[from] KeycardError),
    /// Nobody would have the role security.
    #[error("nobody would have the role security")]
    LastSecurity,
    /// Whoever decides lost the role meanwhile.
    #[error("whoever decides has not the role security")]
    NoRole,
    /// Nobody has activated here: the first operator is made otherwise.
    #[error("no operator is active yet")]
    NoOperator,
    /// There is no such operator or change.
    #[error("there is no such operator or change")]
    NotFound,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// It is somebody else's to withdraw.
    #[error("only whoever asked withdraws")]
    NotAsker,
    /// Whoever asked never consents.
    #[error("whoever asked does not decide")]
    OwnRequest,
    /// Nobody gives roles to themselves.
    #[error("nobody changes their own roles")]
    OwnRoles,
    /// The weighty change needs password and key again.
    #[error("password and key must be shown again")]
    ProveAgain,
    /// Of the code token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is room for no more operators.
    #[error("there are {most} operators")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
    /// The roles are those that the operator has.
    #[error("the operator has exactly these roles")]
    Unchanged,
}
