//! Why something with a webhook is refused.

use certs::keystore::KeystoreError;

use crate::platform::{database::DatabaseError, fault::FieldFault};

/// Why something with a webhook is refused.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Nothing is told at the address.
    #[error("nothing is told at this address")]
    Disabled,
    /// So much waits there that no more is kept.
    #[error("too much waits at this address")]
    Full,
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// No such address or telling, or another company's.
    #[error("not there")]
    NotFound,
    /// It needs a fresh proof.
    #[error("a fresh proof is needed")]
    ProveAgain,
    /// The address is told things already.
    #[error("the address is told things already")]
    Serves,
    /// So much was sent by hand within a minute.
    #[error("at most {most} are sent by hand within a minute")]
    TooFast {
        /// The limit.
        most: i64,
    },
    /// So many addresses are enough.
    #[error("at most {most} addresses")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// It waits to be tried already.
    #[error("it waits already")]
    Waits,
}
