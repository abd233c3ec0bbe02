//! Whether this installation was restored from a backup and may not serve yet: one row of the installation, which no backup carries.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{
    database::{Database, DatabaseError, Unit},
    installation,
};

/// The name of the row.
pub const NAME: &str = "restore";
/// The row that counts how often this installation was restored.
const EPOCH: &str = "epoch";

/// A list that was published before the backup was made: it, or a newer one, is still to be handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitedList {
    /// The authority's name.
    pub authority: String,
    /// Its shard.
    pub shard: i64,
    /// The number that it had in the backup.
    pub number: i64,
    /// Where it was published.
    pub url: String,
}

/// How far a restoring is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Restored {
    /// All is there; serving waits for the newest published revocation lists.
    AwaitsLists {
        /// Which.
        lists: Vec<AwaitedList>,
    },
    /// It began and did not end: nothing of it counts.
    Unfinished {
        /// Where it puts keys.
        keys: PathBuf,
        /// Where it puts mail.
        spool: PathBuf,
    },
}

/// How far it is; none when nothing was restored, or all is done.
///
/// # Errors
/// When the database fails or the row cannot be understood.
pub async fn standing(database: &Database) -> Result<Option<Restored>, DatabaseError> {
    let Some(text) = installation::value(database, NAME).await? else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|_| DatabaseError::Corrupt { what: "state of a restore", value: text })
}

/// Notes how far it is; none: it is done.
///
/// # Errors
/// When the database fails.
pub async fn note(unit: &mut Unit, restored: Option<&Restored>) -> Result<(), DatabaseError> {
    match restored {
        None => installation::remove(unit, NAME).await,
        Some(restored) => {
            let text = serde_json::to_string(restored)
                .map_err(|error| DatabaseError::Corrupt { what: "state of a restore", value: error.to_string() })?;
            installation::set(unit, NAME, &text).await
        }
    }
}

/// Begins the next epoch, and gives its number: 1 is the one that every installation begins in.
///
/// # Errors
/// When the database fails.
pub async fn next_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let before = installation::value_in(unit, EPOCH).await?.and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    installation::set(unit, EPOCH, &(before + 1).to_string()).await?;
    Ok(before + 1)
}
