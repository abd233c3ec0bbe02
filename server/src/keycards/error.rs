//! Why something with a key card is refused.

use certs::keystore::KeystoreError;

use crate::platform::{database::DatabaseError, fault::FieldFault, moment::Moment, paper::PaperError};

/// Why something with a key card is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeycardError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The question is answered, replaced by a later one, or too old.
    #[error("the question is answered, replaced or too old")]
    Gone,
    /// Fields break their rules.
    #[error("{} field(s) break their rules", .0.len())]
    Invalid(Vec<FieldFault>),
    /// The keystore failed.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The person has no card with keys left.
    #[error("no key card with keys left")]
    NoCard,
    /// No such card, or somebody else's.
    #[error("no such key card")]
    NotFound,
    /// The key is not the one that was asked for.
    #[error("the key is not right")]
    NotRight,
    /// A card was ordered for this person just now, or many lately.
    #[error("cards were ordered for this person lately")]
    OrderedLately,
    /// The sheet cannot be printed.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The sheet is shown only right after issue, or right after proving oneself.
    #[error("the sheet needs a fresh proof")]
    ProveAgain,
    /// A sealed card does not open to a card.
    #[error("a card's secret has the wrong length")]
    Secret,
    /// So many extra cards are enough.
    #[error("at most {most} extra cards")]
    TooManyCards {
        /// The limit.
        most: usize,
    },
    /// So many extra cards are enough, ordered for somebody else.
    #[error("at most {most} extra cards for one person")]
    TooManyInPerson {
        /// The limit.
        most: usize,
    },
    /// So many cards within a day are enough.
    #[error("at most {most} cards within a day")]
    TooManyToday {
        /// The limit.
        most: i64,
    },
    /// This network tried too often.
    #[error("this network tried too often")]
    TooOften {
        /// Until when it waits.
        until: Moment,
    },
}
