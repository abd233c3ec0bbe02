//! Why the archive refuses.

use certs::keystore::{KeystoreError, opener::OpenerError};

use crate::platform::database::DatabaseError;

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The craft refused.
    #[error(transparent)]
    Craft(#[from] certs::archive::ArchiveError),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Nothing is sealed under a password of four digits (`security.md` section 2).
    #[error("nothing is sealed under a password of four digits")]
    FourDigits,
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// Another key pair of the same holder was stored first: what was sealed to this one must not be stored.
    #[error("the holder has another key meanwhile")]
    OtherHolderKey,
    /// The password's key could not be derived.
    #[error(transparent)]
    Opener(#[from] OpenerError),
}
