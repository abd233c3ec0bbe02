//! Why a wake-up was not sent.

use certs::keystore::KeystoreError;

use crate::{phones::PhoneError, platform::outgoing::OutgoingError};

/// Why a wake-up was not sent. What a server said is an [`super::Outcome`].
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// A key could not be used.
    #[error("a key cannot be used: {0}")]
    Key(#[from] openssl::error::ErrorStack),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The server did not answer, or may not be spoken to.
    #[error(transparent)]
    Outgoing(#[from] OutgoingError),
    /// What was kept of the phone.
    #[error(transparent)]
    Phone(#[from] PhoneError),
    /// The token that the server wants first was refused.
    #[error("no token is given to this service account: {status}")]
    Token {
        /// The answer's status.
        status: u16,
    },
    /// What was kept does not read as what it must be.
    #[error("the phone's key does not fit")]
    Unfit,
}
