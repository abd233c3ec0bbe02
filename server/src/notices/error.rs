//! Why a message could not be sealed or sent.

use certs::{cms::CmsError, keystore::KeystoreError};

use super::model::Kind;
use crate::platform::{database::DatabaseError, paper::PaperError};

/// Why something with the print queue is refused.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// No such batch or letter, or not one that this can be done to.
    #[error("no such letter")]
    NotFound,
    /// Every letter of the batch was left out or given up.
    #[error("no letter of this batch is to be printed")]
    NothingLeft,
    /// No letter of this class waits.
    #[error("no letter of this class waits")]
    NothingWaits,
    /// A letter cannot be opened.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Who ordered a letter does not print it.
    #[error("who ordered a letter does not print it")]
    OrderedByYou,
    /// The batch cannot be printed.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The batch is on its way: what its letters say is deleted.
    #[error("the batch is posted")]
    Posted,
    /// A letter of the queue cannot be read.
    #[error("a letter of the queue cannot be read")]
    Printer,
    /// Printing needs a fresh proof.
    #[error("printing letters needs a fresh proof")]
    ProveAgain,
}

/// Why a message could not be sealed or sent. No variant carries what the message says.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The recipient has no address for this channel, or one that is none.
    #[error("the recipient has no address that this message may go to")]
    Address,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The spool directory cannot be written or read.
    #[error("the spool cannot be used: {0}")]
    File(#[from] std::io::Error),
    /// A value that the words of the kind name is missing.
    #[error("a notice {kind:?} needs the value {name}")]
    Incomplete {
        /// The kind.
        kind: Kind,
        /// The missing value's name.
        name: &'static str,
    },
    /// The keystore refused.
    #[error("the message cannot be sealed or opened: {0}")]
    Keystore(#[from] KeystoreError),
    /// The mail cannot be composed.
    #[error("the mail cannot be composed: {0}")]
    Message(#[from] lettre::error::Error),
    /// A temporary password may not go the same way as its link.
    #[error("a temporary password goes by letter, not by mail")]
    OnlyByLetter,
    /// The letter cannot be printed.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The relay refused or does not answer.
    #[error("the mail relay: {0}")]
    Relay(#[from] lettre::transport::smtp::Error),
    /// What was sealed is no notice.
    #[error("the sealed message cannot be read")]
    Sealed,
    /// The signature cannot be made.
    #[error("the mail cannot be signed: {0}")]
    Signature(#[from] CmsError),
    /// The text message did not leave.
    #[error(transparent)]
    Text(#[from] super::texts::TextError),
    /// The notice certificate's holder refuses.
    #[error("the mail cannot be signed: {0}")]
    Signer(anyhow::Error),
}
