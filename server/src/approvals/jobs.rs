//! What follows "this was not me", and what is forgotten by age.

use super::store;
use crate::platform::{
    database::DatabaseError,
    ground::Ground,
    id::{AccountId, ApprovalId},
    queue,
};

/// Ends the initiator's sessions and tells the person and the help desk. Run by `logins`, which knows sessions and where people are told things.
pub const NOT_ME: queue::Kind = queue::Kind("approvals.not_me");

/// Who said it, about which request.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct NotMe {
    /// The account.
    pub account: AccountId,
    /// The request.
    pub approval: ApprovalId,
}

/// Forgets what phones released for a process that is gone, and the keys of such processes. Gives how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget_releases(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.write(async |unit| store::releases::forget(unit).await).await
}

/// Forgets after a year what nobody said yes to. A yes is evidence, and stays. Gives how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches(async |unit| store::forget_unanswered(unit, unit.now().plus(-time::Duration::days(366))).await).await
}
