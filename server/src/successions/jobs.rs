//! The background edge: what a signatory requested, what is told, what waited, and what nobody finished in time.

use super::{SuccessionError, complete, lapse, told};
use crate::platform::{ground::Ground, id::SuccessionId, queue};

/// Keeps what a signatory has requested, if it is one.
pub const REQUEST: queue::Kind = queue::Kind("successions.request");
/// Tells those concerned what became of one.
pub const TELL: queue::Kind = queue::Kind("successions.tell");
/// Does what waited, when its time has come.
pub const COMPLETE: queue::Kind = queue::Kind("successions.complete");

/// Runs [`REQUEST`].
///
/// # Errors
/// When it should be tried again.
pub async fn keep(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    Ok(super::keep(ground, &serde_json::from_str(payload)?).await?)
}

/// Runs [`TELL`].
///
/// # Errors
/// When it should be tried again.
pub async fn tell(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    Ok(told::tell(ground, &serde_json::from_str(payload)?).await?)
}

/// Runs [`COMPLETE`].
///
/// # Errors
/// When it should be tried again.
pub async fn complete(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let id: SuccessionId = serde_json::from_str(payload)?;
    Ok(complete::complete(ground, id).await?)
}

/// Ends what is too old. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn lapse(ground: &Ground) -> Result<usize, SuccessionError> {
    ground.database.write(async |unit| lapse::lapse(unit).await).await
}
