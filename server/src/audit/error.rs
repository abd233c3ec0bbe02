//! Why the audit could not be chained, signed or verified.

use certs::keystore::{KeystoreError, proof::Mismatch};

use crate::platform::database::DatabaseError;

/// Why the audit could not be chained, signed or verified.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A checkpoint from outside is not one of ours, or was changed.
    #[error("the checkpoint is not signed by this installation's audit key")]
    CheckpointForeign,
    /// A checkpoint from outside cannot be read.
    #[error("the checkpoint is not JSON as /audit/checkpoints publishes it")]
    CheckpointUnreadable,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The checkpoint key does not sign as its public half says.
    #[error("the audit's checkpoint key: {0}")]
    Key(#[from] Mismatch),
    /// The keystore refused.
    #[error("the audit's checkpoint key: {0}")]
    Keystore(#[from] KeystoreError),
}
