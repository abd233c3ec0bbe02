//! Why something with an account is refused.

use certs::keystore::{KeystoreError, opener::OpenerError};

use crate::platform::{database::DatabaseError, moment::Moment, password::HashingError};

/// Why something with an account is refused.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// An activation is used, withdrawn, too old, or was tried too often.
    #[error("the link is used, withdrawn or too old")]
    Gone,
    /// The hashing pool failed.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// User id, password or temporary password is not right. Every reason looks like this one.
    #[error("user id or password is not right")]
    NotRight,
    /// A key could not be derived.
    #[error(transparent)]
    Opener(#[from] OpenerError),
    /// Too many wrong tries from this network, or from too many networks.
    #[error("too many wrong tries; closed until {until}")]
    TooManyTries {
        /// When it may be tried again.
        until: Moment,
    },
    /// Somebody else has the user id.
    #[error("the user id is taken")]
    UserIdTaken,
}
