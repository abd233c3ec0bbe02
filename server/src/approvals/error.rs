//! Why a request to a phone, or an answer from it, is refused.

use crate::{
    certificates::CertificateError,
    phones::PhoneError,
    platform::{database::DatabaseError, moment::Moment},
};

/// Why a request to a phone, or an answer from it, is refused.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// The signing keys' openers failed.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The time was extended as often as it may be.
    #[error("the time was extended as often as it may be")]
    ExtendedEnough,
    /// The answer breaks its form.
    #[error("the answer breaks its form: {0}")]
    Fault(#[from] keycard::Fault),
    /// As many requests wait for the person as may.
    #[error("as many requests wait as may")]
    Full,
    /// The request is answered, replaced or too old.
    #[error("the request is answered, replaced or too old")]
    Gone,
    /// The limit is out of range.
    #[error("the limit is out of range")]
    Limit,
    /// No such request, or somebody else's.
    #[error("no such request")]
    NotFound,
    /// The phone may not answer such a request before its waiting time is over.
    #[error("the phone may not answer this before its waiting time is over")]
    NotYet {
        /// When it may.
        from: Moment,
    },
    /// The answer is about another request.
    #[error("the answer is about another request")]
    OtherRequest,
    /// The answer is another phone's.
    #[error("the answer is another phone's")]
    OtherPhone,
    /// Nobody answered what this network asked; it waits.
    #[error("this network waits until {until}")]
    Paused {
        /// Until when.
        until: Moment,
    },
    /// About the phone or the service's identity key.
    #[error(transparent)]
    Phone(#[from] PhoneError),
    /// What the phone released does not open for this request.
    #[error("what the phone released does not open for this request")]
    Release,
    /// The answer is not signed by the phone's key.
    #[error("the answer is not signed by the phone's key")]
    Signature,
    /// The person said "this was not me", and has not shown password and second factor since.
    #[error("signing is stopped")]
    Stopped,
}
