//! Why a recovery is refused.

use super::RecoveryState;
use crate::{
    accounts::AccountError,
    archives::ArchiveError,
    authorities::AuthorityError,
    employees::EmployeeError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment},
};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// Of the password.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Another recovery of the same employee's keys goes on.
    #[error("another recovery of these keys goes on")]
    AlreadyAsked,
    /// Of the archive.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The chain of a certificate could not be had.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Of the employee.
    #[error(transparent)]
    Employee(#[from] EmployeeError),
    /// It is over, or further than this.
    #[error("the recovery is {}", .state.word())]
    Ended {
        /// How far it is.
        state: RecoveryState,
    },
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// A mailed link is used, tried too often or too old.
    #[error("the link is used or too old")]
    LinkGone,
    /// The person has no share of the company's key that these keys are sealed to.
    #[error("the person has no share of the company's key")]
    NoShare,
    /// Only the one who asked collects.
    #[error("only the one who asked collects")]
    NotAsker,
    /// There is no such recovery or employee (or it is not yours).
    #[error("there is no such recovery or employee")]
    NotFound,
    /// No two persons together open these keys.
    #[error("no two persons together open these keys")]
    NotPossible,
    /// The code is not right.
    #[error("the code is not right")]
    NotRight,
    /// The employee has no decryption keys.
    #[error("there are no archived keys")]
    NothingArchived,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// A weighty change needs password and key again.
    #[error("password and key are needed again")]
    ProveAgain,
    /// The one who asked cannot approve.
    #[error("the one who asked cannot approve")]
    SamePerson,
    /// The employee may still object.
    #[error("the employee may object until {until}")]
    TooEarly {
        /// Until when.
        until: Moment,
    },
}
