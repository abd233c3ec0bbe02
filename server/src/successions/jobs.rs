//! The background edge: what nobody finished in time lapses.

use super::{SuccessionError, store};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground, queue},
};

/// Keeps what a signatory has requested, if it is one.
pub const REQUEST: queue::Kind = queue::Kind("successions.request");

/// Runs [`REQUEST`].
///
/// # Errors
/// When it should be tried again.
pub async fn keep(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    Ok(super::keep(ground, &serde_json::from_str(payload)?).await?)
}

/// Ends what is too old. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn lapse(ground: &Ground) -> Result<u64, SuccessionError> {
    ground
        .database
        .write(async |unit| {
            let lapsed = store::lapse(unit).await?;
            if lapsed > 0 {
                let event = audit::Event::new("succession.lapsed", Author::System("successions"), "successions").fact("count", lapsed);
                audit::record(unit, event).await?;
            }
            Ok(lapsed)
        })
        .await
}
