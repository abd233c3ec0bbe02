//! Backups: the whole database, the sealed keys and the mail spool in one file, the same for both engines, sealed to an offline key.
//!
//! [`seal`] is the outer form, [`archive`] the inner one (compressed records). The rows come from and go to
//! [`crate::platform::database::dump`] and [`crate::platform::database::load`]; what a restored installation may still do is decided
//! above (`commands/restore.rs`).

pub mod archive;
mod error;
pub mod key;
pub mod seal;

pub use self::error::BackupError;
