//! Why something with proofing is refused.

use certs::keystore::KeystoreError;

use crate::platform::{database::DatabaseError, fault::FieldFault};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum ProofingError {
    /// A sealed birth date does not open to a day.
    #[error("a birth date does not open to a day")]
    BirthDate,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Fields break their rules, or the documents do not suffice.
    #[error("{} field(s) break their rules, or lack", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
}
