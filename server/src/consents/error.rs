//! Why a yes on the phone cannot be asked for or used.

use crate::{
    accounts::AccountError,
    approvals::{ApprovalError, State},
    keycards::KeycardError,
    mandates::MandateError,
    phones::PhoneError,
    platform::database::DatabaseError,
    recoveries::RecoveryError,
    reissues::ReissueError,
};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    /// Of the password.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Of the phone that has not said yes: how its request stands.
    #[error("the phone has not said yes: it is {}", .0.word())]
    Answer(State),
    /// Of the request to the phone.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Of the key card.
    #[error(transparent)]
    Keycard(#[from] KeycardError),
    /// Of the change that was asked for.
    #[error(transparent)]
    Mandate(#[from] MandateError),
    /// The person has no phone that may answer this.
    #[error("no phone may answer this")]
    NoPhone,
    /// No such request, or another session's.
    #[error("no such request")]
    NotFound,
    /// Of the new phone.
    #[error(transparent)]
    Phone(#[from] PhoneError),
    /// Of a replaced password.
    #[error(transparent)]
    Reissue(#[from] ReissueError),
    /// Of the recovery.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
}
