//! Why something with the directory is refused.

use crate::platform::database::DatabaseError;

/// Why something with the directory is refused.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The question names no mail address.
    #[error("the question names no mail address")]
    NoAddress,
    /// The person has no valid certificate with a mail address in it.
    #[error("there is no certificate with a mail address")]
    NoCertificate,
    /// The actor is no employee.
    #[error("the actor is no employee")]
    NotAnEmployee,
    /// Too many questions from a network.
    #[error("too many questions from this network")]
    TooManyQuestions,
}
