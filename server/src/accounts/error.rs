//! Why something with an account is refused.

use certs::keystore::{KeystoreError, opener::OpenerError};

use super::Why;
use crate::platform::{database::DatabaseError, fault::FieldFault, moment::Moment, password::HashingError};

/// Why something with an account is refused.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Card or phone must answer before the password is looked at.
    #[error("card or phone must answer first")]
    AnswerFirst(Why),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// An activation is used, withdrawn, too old, or was tried too often.
    #[error("the link is used, withdrawn or too old")]
    Gone,
    /// The hashing pool failed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// No such device or API key, or somebody else's.
    #[error("not there")]
    NotFound,
    /// A temporary password is not right.
    #[error("the temporary password is not right")]
    NotRight,
    /// A key could not be derived.
    #[error(transparent)]
    Opener(#[from] OpenerError),
    /// It needs a fresh proof by card or phone.
    #[error("a fresh proof by card or phone is needed")]
    ProveAgain,
    /// User id or password is not right. Every reason looks like this one.
    #[error("user id or password is not right")]
    Refused(Why),
    /// So many API keys are enough for a company.
    #[error("at most {most} API keys")]
    TooManyApiKeys {
        /// The limit.
        most: usize,
    },
    /// Too many wrong tries at this place.
    #[error("too many wrong tries; closed until {until}")]
    TooManyTries {
        /// When it may be tried again.
        until: Moment,
        /// For whom, and why.
        why: Why,
    },
    /// Somebody else has the user id.
    #[error("the user id is taken")]
    UserIdTaken,
}
