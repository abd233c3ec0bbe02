//! Why the companies' verbs refuse.

use certs::keystore::KeystoreError;

use super::lookup::RegisterError;
use crate::{
    archives::ArchiveError,
    certificates::CertificateError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment, paper::PaperError},
};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum CompanyError {
    /// As many signatories as the rule needs have signed.
    #[error("the agreement stands already")]
    AgreementStands,
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
    /// The archive of keys failed.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The certificate cannot be issued.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// This signatory declined before.
    #[error("the agreement was declined")]
    AlreadyDeclined,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Another company has this CVR number.
    #[error("the CVR number is registered already")]
    DuplicateCvr,
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// A company keeps at least one administrator.
    #[error("the last administrator stays")]
    LastAdministrator,
    /// A company keeps at least one superadministrator.
    #[error("the last superadministrator stays")]
    LastSuperadministrator,
    /// The link's time is over.
    #[error("the link has expired")]
    LinkExpired,
    /// No register of companies is configured.
    #[error("no register of companies is configured")]
    NoRegister,
    /// There is no such company, signatory or link (or it is not yours).
    #[error("there is no such company, signatory or link")]
    NotFound,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// No free number could be drawn for an association.
    #[error("no free number could be drawn")]
    NumbersTaken,
    /// The operator took the order back.
    #[error("the order was withdrawn")]
    OrderWithdrawn,
    /// A printed form could not be made.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The change is weighty: password and key are wanted anew.
    #[error("a fresh proof is needed")]
    ProveAgain,
    /// The register of companies did not say.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// Somebody signed the agreement's text already: it stays as it is.
    #[error("somebody signed the agreement already")]
    SigningBegan,
    /// The company ordered enough for a day.
    #[error("at most {most} certificates are ordered in a day")]
    TooManyOrders {
        /// How many.
        most: i64,
    },
}
