//! What the audit does in the background: chain, then checkpoint. Run by one node at a time, each second.

use super::{checkpoint, checkpoint::TimestampSource, sequence};
use crate::platform::ground::Ground;

/// Chains what waits and makes a checkpoint if one is due. Whether there was anything to do.
///
/// # Errors
/// When database or keystore fail; the next round tries again.
pub async fn round(ground: &Ground, timestamps: &dyn TimestampSource) -> anyhow::Result<bool> {
    let chained = sequence::chain_waiting(ground).await?;
    let checkpointed = checkpoint::make_if_due(ground, timestamps).await?;
    Ok(chained > 0 || checkpointed)
}
