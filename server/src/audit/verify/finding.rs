//! What can be wrong, each in one sentence.

use crate::platform::id::AuditEntryId;

/// One thing that was tampered with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A checkpoint's signature or row does not fit its body.
    #[error("the checkpoint at entry {sequence} was changed, or is not signed by this installation's key")]
    CheckpointChanged {
        /// The number of the entry that it pins.
        sequence: i64,
    },
    /// A checkpoint does not continue the one before it.
    #[error("a checkpoint before the one at entry {before} was removed or changed")]
    CheckpointRemoved {
        /// The number of the entry that the later one pins.
        before: i64,
    },
    /// An entry does not fit its hash.
    #[error("entry {sequence} ({id}) was edited: it does not fit its hash and the entry before it")]
    Edited {
        /// Its number.
        sequence: i64,
        /// Its id.
        id: AuditEntryId,
    },
    /// An entry stands where the chain knows none.
    #[error("entry {sequence} ({id}) was inserted: the chain goes on without it")]
    Inserted {
        /// Its number.
        sequence: i64,
        /// Its id.
        id: AuditEntryId,
    },
    /// An entry stands where another belongs.
    #[error("entry {sequence} ({id}) was moved: it belongs at {belongs_at}")]
    Moved {
        /// Where it stands.
        sequence: i64,
        /// Where it belongs.
        belongs_at: i64,
        /// Its id.
        id: AuditEntryId,
    },
    /// A personal value does not fit the commitment in the entry.
    #[error("the personal value {name:?} of entry {sequence} ({id}) was changed or added")]
    PersonalChanged {
        /// The entry's number.
        sequence: i64,
        /// The entry's id.
        id: AuditEntryId,
        /// The value's name.
        name: String,
    },
    /// Entries are missing.
    #[error("entries {first} to {last} were removed")]
    Removed {
        /// The first missing number.
        first: i64,
        /// The last missing number.
        last: i64,
    },
    /// The chain is whole but not the one that was signed.
    #[error(
        "entries after {after}, at or before {sequence}, were changed and the hashes computed anew: a signed checkpoint at {sequence} says otherwise"
    )]
    Rewritten {
        /// The newest entry that a checkpoint confirms; 0 for none.
        after: i64,
        /// The entry that the checkpoint pins.
        sequence: i64,
    },
    /// A column of the row says something else than the hashed body.
    #[error("the column {column} of entry {sequence} ({id}) was edited: it differs from the body")]
    RowDiffers {
        /// Its number.
        sequence: i64,
        /// Its id.
        id: AuditEntryId,
        /// Which column.
        column: &'static str,
    },
    /// The end is missing.
    #[error("the end was cut off: the last entry is {last}, but a checkpoint pins entry {checkpoint}")]
    Truncated {
        /// The last entry's number; 0 for none.
        last: i64,
        /// The number that the newest checkpoint pins.
        checkpoint: i64,
    },
}
