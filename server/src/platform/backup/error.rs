//! Why a backup cannot be made, or is refused. Nothing was changed by what refuses.

use crate::platform::database::DatabaseError;

/// Why a backup cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A sealed piece does not open.
    #[error("the backup was altered, or is damaged: its piece {piece} does not open")]
    Altered {
        /// Which piece of 64 KiB, from 0.
        piece: u64,
    },
    /// The compressed bytes or a record break the format.
    #[error("the backup is damaged: {what}")]
    Damaged {
        /// What was expected.
        what: &'static str,
    },
    /// A statement failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A key's text breaks its form.
    #[error("{what} begins with \"{begins}\" and goes on with {length} signs of base64url, in one line")]
    Key {
        /// Which key.
        what: &'static str,
        /// How it begins.
        begins: &'static str,
        /// How many signs follow.
        length: usize,
    },
    /// A newer form than this program reads.
    #[error("the backup has format {found}; this program reads format {known}: update the program")]
    NewerFormat {
        /// Its format.
        found: u8,
        /// The newest that we know.
        known: u8,
    },
    /// Made by a program with schema steps that this one lacks.
    #[error("the backup was made by a newer program: this one does not know its schema step {step}: update the program")]
    NewerSchema {
        /// The step's version.
        step: String,
    },
    /// Another file.
    #[error("this is no backup of Segl")]
    NoBackup,
    /// Something follows the last piece.
    #[error("the backup was altered: something follows its end")]
    Overlong,
    /// Reading or writing failed.
    #[error("the backup cannot be read or written: {0}")]
    Storage(#[from] std::io::Error),
    /// It ends early.
    #[error("the backup is cut off: its end is missing")]
    Truncated,
    /// A file's name would leave the folder that it belongs to.
    #[error("the backup names a file that may not be written: {name:?}")]
    UnsafeName {
        /// The name.
        name: String,
    },
    /// Sealed to another key.
    #[error("the backup is sealed to the key {sealed_to}, and this is the private half of {given}")]
    WrongKey {
        /// The name of the key it is sealed to.
        sealed_to: String,
        /// The name of the key given.
        given: String,
    },
}
