//! The background edge: mails links, and forgets what is over.

use super::{model::COUNTED, send_link, store};
use crate::platform::{database::DatabaseError, ground::Ground, id::ResetId, queue};

/// Mails a link to the person of a user id, if there is one.
pub const SEND_LINK: queue::Kind = queue::Kind("resets.send_link");

/// Which asking, and what was typed.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct SendLink {
    /// The reset to be.
    pub id: ResetId,
    /// The user id as typed.
    pub user_id: String,
}

/// Runs [`SEND_LINK`].
///
/// # Errors
/// When it should be tried again.
pub async fn send(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let SendLink { id, user_id } = serde_json::from_str(payload)?;
    Ok(send_link::send_link(ground, id, &user_id).await?)
}

/// Forgets resets and askings that are over. Gives how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    let askings = ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_askings(unit, unit.now().plus(-COUNTED)).await);
    let resets =
        ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget_resets(unit, unit.now().plus(-COUNTED * 30)).await);
    Ok(askings.await? + resets.await?)
}
