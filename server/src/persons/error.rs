//! Why signatures are not linked, shown or unlinked.

use crate::{accounts::AccountError, notices::NoticeError, platform::database::DatabaseError};

/// One refusal.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// About the account.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Both are one person's already.
    #[error("they are linked already")]
    AlreadyLinked,
    /// Somebody was faster: nothing was changed.
    #[error("it was changed meanwhile")]
    ChangedMeanwhile,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The link is used, or too old, or whoever began it may not act any more.
    #[error("the link is used or too old")]
    Gone,
    /// An API key asks.
    #[error("only a session may ask")]
    NeedsSession,
    /// The actor has no signature of a company.
    #[error("no signature")]
    NoSignature,
    /// No such signature, or none of this person.
    #[error("not there")]
    NotFound,
    /// A notice could not be prepared.
    #[error(transparent)]
    Notice(#[from] NoticeError),
    /// Both are the same signature.
    #[error("it is the same signature")]
    Own,
    /// Linking needs password and card or phone again.
    #[error("prove yourself again")]
    ProveAgain,
    /// Both are of one company, and neither has ended.
    #[error("both are of one company")]
    SameCompany,
    /// So many signatures are enough for a person.
    #[error("at most {most} signatures")]
    TooMany {
        /// The limit.
        most: usize,
    },
}
