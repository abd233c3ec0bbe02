//! Why a change of who may act is refused.

use super::model::MandateState;
use crate::{companies::CompanyError, employees::EmployeeError, notices::NoticeError, platform::database::DatabaseError};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum MandateError {
    /// Another change of this company waits.
    #[error("another change waits for consent")]
    AlreadyAsked,
    /// Whoever asked is no superadministrator any more.
    #[error("whoever asked may not change it any more")]
    AskerGone,
    /// Of the company.
    #[error(transparent)]
    Company(#[from] CompanyError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Of the employee.
    #[error(transparent)]
    Employee(#[from] EmployeeError),
    /// It waits no more.
    #[error("the change is {}", state.word())]
    Ended {
        /// How far it is.
        state: MandateState,
    },
    /// There is no such change (or it is not yours).
    #[error("there is no such change")]
    NotFound,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Password and key are wanted anew.
    #[error("a fresh proof is needed")]
    ProveAgain,
    /// Those who sign for the company are being asked about its administrators.
    #[error("a takeover or change of board waits")]
    SuccessionWaits,
    /// Nobody consents to what they asked for.
    #[error("a second person must consent")]
    SamePerson,
}
