//! Why a forgotten password is not replaced.

use super::model::ReissueState;
use crate::{certificates::CertificateError, employees::EmployeeError, notices::NoticeError, platform::database::DatabaseError};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum ReissueError {
    /// Another one about the same employee goes on.
    #[error("the same is on its way already")]
    AlreadyAsked,
    /// About the certificates that follow.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// About the employee.
    #[error(transparent)]
    Employee(#[from] EmployeeError),
    /// It is not where that can be done to it.
    #[error("it is {}", .state.word())]
    Ended {
        /// Where it is.
        state: ReissueState,
    },
    /// The link is used, or nothing hangs on it any more.
    #[error("the link is used or too old")]
    LinkGone,
    /// The name or address is too new to send the link there.
    #[error("name or address are newer than three days")]
    NewContact,
    /// Only who asked sends link and temporary password.
    #[error("only who asked goes on with it")]
    NotAsker,
    /// There is none such (or it is not yours).
    #[error("there is no such reissue")]
    NotFound,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// No certificate waits.
    #[error("nothing waits")]
    NothingWaits,
    /// It needs password and key again.
    #[error("password and key must be shown again")]
    ProveAgain,
    /// The same person may not do both.
    #[error("somebody else must do this")]
    SamePerson,
    /// The company has an administrator who can do it.
    #[error("the company's administrators do this themselves")]
    TheirOwn,
    /// The phone that said yes was paired after it was asked for.
    #[error("the phone was paired later")]
    YoungPhone,
}
