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
    /// The person it concerns has another post by now, or none.
    #[error("the person has another post by now")]
    Changed,
    /// Whom it is against does not decide it.
    #[error("whom it is against does not decide it")]
    Concerned,
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
    /// Nothing hangs on the mailed link any more.
    #[error("the link is used up")]
    LinkGone,
    /// Whoever decides administers the company no more.
    #[error("whoever decides administers the company no more")]
    NoPost,
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

impl MandateError {
    /// Whether what has waited can never be done any more; anything else is tried again until it lapses.
    pub(super) const fn is_final(&self) -> bool {
        match self {
            Self::Company(error) | Self::Employee(EmployeeError::Company(error)) => matches!(
                error,
                CompanyError::AlreadyAdministrator
                    | CompanyError::Invalid(_)
                    | CompanyError::LastAdministrator
                    | CompanyError::LastSuperadministrator
                    | CompanyError::NotFound
            ),
            Self::Employee(error) => matches!(
                error,
                EmployeeError::AlreadyLeft
                    | EmployeeError::AlreadySuspended
                    | EmployeeError::FourDigits
                    | EmployeeError::Invalid(_)
                    | EmployeeError::NotActive
                    | EmployeeError::NotFound
            ),
            Self::AskerGone | Self::Changed | Self::NotFound => true,
            Self::AlreadyAsked
            | Self::Concerned
            | Self::Database(_)
            | Self::Ended { .. }
            | Self::LinkGone
            | Self::NoPost
            | Self::Notice(_)
            | Self::ProveAgain
            | Self::SamePerson
            | Self::SuccessionWaits => false,
        }
    }
}
