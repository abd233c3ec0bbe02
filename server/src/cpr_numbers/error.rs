//! Why CPR numbers are not taken or compared.

use certs::keystore::KeystoreError;

use crate::platform::{database::DatabaseError, fault::FieldFault};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum CprError {
    /// The company has a subscription, or has none any more.
    #[error("it is so already")]
    AlreadyDone,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// No number of this employee is known.
    #[error("no number of this employee is known")]
    NotNoted,
    /// The company takes no CPR numbers.
    #[error("the company has not subscribed")]
    NotSubscribed,
    /// Another employee of the company has this number.
    #[error("another employee of the company has this number")]
    Taken,
    /// So many wrong numbers of one employee were asked about within a day.
    #[error("{most} wrong numbers within a day")]
    TooManyWrong {
        /// The limit.
        most: i64,
    },
}
