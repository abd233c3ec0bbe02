//! Why a change from outside of who acts for a company is refused.

use certs::keystore::KeystoreError;

use super::model::SuccessionState;
use crate::{
    companies::CompanyError,
    employees::EmployeeError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, paper::PaperError},
};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum SuccessionError {
    /// Another one of this company waits.
    #[error("another one waits")]
    AlreadyAsked,
    /// The signatory declined before.
    #[error("the signatory declined")]
    AlreadyDeclined,
    /// The signatory signed before.
    #[error("the signatory signed already")]
    AlreadySigned,
    /// A company asked too often within a day.
    #[error("asked too often today")]
    BoardsTooOften,
    /// Of the company.
    #[error(transparent)]
    Company(#[from] CompanyError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Of an employee.
    #[error(transparent)]
    Employee(#[from] EmployeeError),
    /// It waits no more.
    #[error("it is {}", state.word())]
    Ended {
        /// How far it is.
        state: SuccessionState,
    },
    /// Minutes are kept already.
    #[error("the minutes are there")]
    HasMinutes,
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// There are no minutes to approve.
    #[error("there are no minutes")]
    NoMinutes,
    /// Only an association has a board that changes so.
    #[error("the company is no association")]
    NoAssociation,
    /// The company is not active.
    #[error("the company is not active")]
    NotActive,
    /// There is none such (or it is not yours).
    #[error("there is no such change")]
    NotFound,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Whoever asked for it or opened it records no form of it while another could.
    #[error("a second person must record the form")]
    OwnForm,
    /// Signatories, rule or administrators changed at this very moment.
    #[error("something changed meanwhile")]
    Overtaken,
    /// The form could not be drawn.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// Password and key are wanted anew.
    #[error("a fresh proof is needed")]
    ProveAgain,
    /// Nobody approves what they asked for while another operator can.
    #[error("a second person must approve")]
    SamePerson,
    /// A link was sent again so often today as it may be.
    #[error("the link was sent too often today")]
    SentTooOften,
    /// Those who may sign, or the rule, are others than when it was requested.
    #[error("the signatories or the rule changed")]
    SignatoriesChanged,
    /// A network asked too often.
    #[error("asked too often")]
    TooOften,
}
