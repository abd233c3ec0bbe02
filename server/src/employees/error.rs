//! Why the employees' verbs refuse.

use crate::{
    accounts::AccountError,
    certificates::CertificateError,
    companies::CompanyError,
    cpr_numbers::CprError,
    keycards::KeycardError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment},
    proofing::ProofingError,
    tokens::TokenError,
};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum EmployeeError {
    /// Of the account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Only a superadministrator does that to a superadministrator.
    #[error("the employee is a superadministrator")]
    AboveYou,
    /// The employee has activated or left.
    #[error("the employee is not waiting for activation")]
    AlreadyActivated,
    /// The employee has left before.
    #[error("the employee has left already")]
    AlreadyLeft,
    /// The employee is suspended already.
    #[error("the employee is suspended already")]
    AlreadySuspended,
    /// Of the certificates.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// Of the company.
    #[error(transparent)]
    Company(#[from] CompanyError),
    /// Of the CPR number.
    #[error(transparent)]
    Cpr(#[from] CprError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The person's password has four digits: they choose a longer one first.
    #[error("the person's password has four digits")]
    FourDigits,
    /// There is an operator already.
    #[error("an operator is active already")]
    HasOperator,
    /// Rows of the file are bad, and all of them were wanted.
    #[error("{rows} row(s) of the file are bad")]
    ImportBad {
        /// How many.
        rows: i64,
    },
    /// It began, ended or was cancelled.
    #[error("the import is not where it was")]
    ImportMoved,
    /// No row is good.
    #[error("no row of the file is good")]
    ImportNobody,
    /// Another file of the company is being imported.
    #[error("another import of the company is running")]
    ImportRuns,
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// Of the key card.
    #[error(transparent)]
    Keycard(#[from] KeycardError),
    /// The link is used, replaced or too old.
    #[error("the link is used, replaced or too old")]
    LinkGone,
    /// Name or address were changed lately: no secret is sent there yet.
    #[error("name or address are newer than three days")]
    NewContact,
    /// Only an active employee can administer.
    #[error("the employee is not active")]
    NotActive,
    /// Another superadministrator is taken away with an administrator's consent.
    #[error("an administrator must consent")]
    NeedsConsent,
    /// The actor lost the post meanwhile.
    #[error("the actor administers the company no more")]
    PostGone,
    /// There is no such employee or link (or it is not yours).
    #[error("there is no such employee or link")]
    NotFound,
    /// The employee is not suspended.
    #[error("the employee is not suspended")]
    NotSuspended,
    /// Nothing was changed.
    #[error("the names and the address are the same as before")]
    NothingChanged,
    /// The certificates hold for longer, or may not be renewed by the person alone.
    #[error("there is nothing to renew")]
    NothingToRenew,
    /// A message could not be written.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The employee had a password before: another is asked for and agreed to.
    #[error("the employee had a password before")]
    OnceActivated,
    /// Another signatory was faster, and the invitation that was prepared is not the one that is due.
    #[error("somebody else was faster")]
    Overtaken,
    /// Of the proofing.
    #[error(transparent)]
    Proofing(#[from] ProofingError),
    /// Who saw the person's documents at the desk sends no code to them.
    #[error("who saw the documents hands over no code")]
    ProofedByYou,
    /// Who sent the person a code does not see their documents at the desk.
    #[error("who sent the code does not see the documents")]
    SentByYou,
    /// The weighty change needs password and key again.
    #[error("password and key must be shown again")]
    ProveAgain,
    /// No certificate follows a replaced password before its time.
    #[error("certificates follow from {until}")]
    StillWaits {
        /// From when.
        until: Moment,
    },
    /// Whoever has the successor's address is not, or not surely, the person who was meant.
    #[error("somebody else has the successor's address")]
    SuccessorDiffers,
    /// Of the code token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The company does not let its people log in by code token.
    #[error("the company does not allow code tokens")]
    TokensNotAllowed,
    /// The company has sent as many files as it may within a day.
    #[error("{most} files were sent within a day")]
    TooManyImports {
        /// How many it may.
        most: i64,
    },
    /// The company imports as many people as it may within a day.
    #[error("{most} people are imported within a day")]
    TooManyPeople {
        /// How many it may.
        most: i64,
    },
    /// So many text messages have left today, of the company or to this number.
    #[error("no more temporary passwords leave by text message today")]
    TooManyTexts,
    /// A file of people cannot be read.
    #[error(transparent)]
    Unreadable(#[from] super::import::read::Unreadable),
}
