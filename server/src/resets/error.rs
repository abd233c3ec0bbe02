//! Why a new password in place of a forgotten one is refused.

use crate::{
    accounts::AccountError,
    approvals::ApprovalError,
    certificates::CertificateError,
    logins::LoginError,
    notices::NoticeError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment},
};

/// Why a new password in place of a forgotten one is refused.
#[derive(Debug, thiserror::Error)]
pub enum ResetError {
    /// About the password.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// About the request to the phone.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// About the signing keys.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The link is used, in another browser perhaps, or too old.
    #[error("the link is used or too old")]
    Gone,
    /// The new password breaks its rules.
    #[error("fields break their rules")]
    Invalid(Vec<FieldFault>),
    /// About the sessions.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// None of the person's phones may do this now, or opens a key.
    #[error("no phone may do this now")]
    NoPhone,
    /// A notice could not be prepared.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// The password, its keys or the yes are others by now: nothing was changed.
    #[error("it was changed meanwhile")]
    Outrun,
    /// This network asked often enough.
    #[error("this network asked often enough; it waits until {until}")]
    TooOften {
        /// When it may ask again.
        until: Moment,
    },
}
