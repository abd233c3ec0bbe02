//! Why the companies' verbs refuse.

use crate::{
    certificates::CertificateError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment},
};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    /// This signatory accepted before.
    #[error("the agreement was accepted already")]
    AlreadyAccepted {
        /// When.
        at: Moment,
    },
    /// The employee administers the company already.
    #[error("the employee is an administrator already")]
    AlreadyAdministrator,
    /// Closed before.
    #[error("the company was closed before")]
    AlreadyClosed,
    /// The text was changed since it was shown.
    #[error("the agreement's text is another one now")]
    AnotherText,
    /// Another signatory appointed somebody else.
    #[error("another administrator was appointed already")]
    AppointedAlready {
        /// Whom.
        name: String,
    },
    /// The certificate cannot be issued.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Another company has this CVR number.
    #[error("the CVR number is registered already")]
    DuplicateCvr,
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// A company keeps at least one administrator.
    #[error("the last administrator stays")]
    LastAdministrator,
    /// The link's time is over.
    #[error("the link has expired")]
    LinkExpired,
    /// There is no such company, signatory or link (or it is not yours).
    #[error("there is no such company, signatory or link")]
    NotFound,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// No free number could be drawn for an association.
    #[error("no free number could be drawn")]
    NumbersTaken,
    /// The change is weighty: password and key are wanted anew.
    #[error("a fresh proof is needed")]
    ProveAgain,
    /// The company ordered enough for a day.
    #[error("at most {most} certificates are ordered in a day")]
    TooManyOrders {
        /// How many.
        most: i64,
    },
}
