//! Why something with a code token is refused.

use certs::keystore::KeystoreError;

use crate::{
    keycards::KeycardError,
    platform::{database::DatabaseError, fault::FieldFault, moment::Moment},
};

/// Why something with a code token is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The person has a token that serves.
    #[error("the person has a token that serves")]
    AlreadyHasOne,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// About the person's cards, which wait for one another.
    #[error(transparent)]
    Keycard(#[from] KeycardError),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The person has no token that serves.
    #[error("no token that serves")]
    NoToken,
    /// No such token, or somebody else's.
    #[error("no such token")]
    NotFound,
    /// No token of this serial number is in stock.
    #[error("no token of this serial number is in stock")]
    NotInStock,
    /// The code is not right, or was used.
    #[error("the code is not right, or was used")]
    NotRight,
    /// It needs a fresh proof by card or phone.
    #[error("a fresh proof by card or phone is needed")]
    ProveAgain,
    /// Too many wrong codes: its holder activates it again.
    #[error("too many wrong codes")]
    Quarantined,
    /// After wrong codes no code is taken for a while.
    #[error("no code is taken for a while")]
    Waits {
        /// Until when.
        until: Moment,
    },
    /// It has served its time.
    #[error("the token has served its time")]
    Worn,
}
