//! Why the public truth cannot be told.

use certs::{
    keystore::KeystoreError,
    name::NameError,
    revocation::crl::CrlError,
    revocation::ocsp::{AnswerError, ResponderError},
    serial::Serial,
};

use crate::{authorities::AuthorityError, platform::database::DatabaseError};

/// Why the public truth cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The OCSP answer was not made.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// The authority cannot be used.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The list was not made.
    #[error(transparent)]
    Crl(#[from] CrlError),
    /// The list just made is not the one that was to be made: another number, another address, or a signature that does not verify.
    #[error("the new list of {authority}, shard {shard}, is not what it should be")]
    NotAsMade {
        /// Which authority.
        authority: String,
        /// Which shard.
        shard: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A key label cannot be used.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// An address cannot stand in a list.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A list must have a number (RFC 5280 section 5.2.3).
    #[error("the list has no number")]
    NoNumber,
    /// A list is brought in only where the key is offline.
    #[error("there is no authority {authority} whose key is offline: its lists are made here")]
    NotOffline {
        /// Which.
        authority: String,
    },
    /// No responder was installed for the authority yet.
    #[error("the authority {authority} has no OCSP responder yet")]
    NoResponder {
        /// Which.
        authority: String,
    },
    /// The list before cannot be read.
    #[error("the previous list of {authority}, shard {shard}, cannot be read")]
    PreviousUnreadable {
        /// Which authority.
        authority: String,
        /// Which shard.
        shard: i64,
    },
    /// The responder's certificate and key do not fit.
    #[error(transparent)]
    Responder(#[from] ResponderError),
    /// The list before had an entry that the database does not know: it was restored from an old copy.
    #[error(
        "the previous list of {authority}, shard {shard}, revokes {serial}, which the database does not: import the newest lists first"
    )]
    WouldForget {
        /// Which authority.
        authority: String,
        /// Which shard.
        shard: i64,
        /// The first such serial.
        serial: Serial,
    },
}
