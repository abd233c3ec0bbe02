//! Why there is no time stamp.

use certs::timestamp::{Failure, TokenError};

use super::OutsideError;
use crate::platform::database::DatabaseError;

/// Why there is no time stamp.
#[derive(Debug, thiserror::Error)]
pub enum TimestampError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// An authority elsewhere gave none.
    #[error("the authority outside: {0}")]
    Outside(#[from] OutsideError),
    /// The unit refused.
    #[error("no time stamp: {0}")]
    Refused(Failure),
    /// Every block of serial numbers was used.
    #[error("there are no serial numbers left")]
    SerialsExhausted,
    /// The token just made does not verify.
    #[error("the token just made does not verify: {0}")]
    Token(#[from] TokenError),
}
