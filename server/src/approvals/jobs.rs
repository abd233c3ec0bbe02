//! What follows "this was not me", and what is forgotten by age.

use super::store;
use crate::platform::{
    database::DatabaseError,
    ground::Ground,
    id::{AccountId, ApprovalId, PhoneId},
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
    /// Whether signing stopped with it.
    #[serde(default)]
    pub signing: Signing,
}

/// Whether signing stopped with "this was not me".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Signing {
    /// It goes on: a phone said so that was still in its waiting time, and may itself be a stranger's.
    GoesOn,
    /// It stopped, until password and second factor are shown.
    #[default]
    Stopped,
}

/// Forgets what phones released for a process that is gone, and the keys of such processes. Gives how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget_releases(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.write(async |unit| store::releases::forget(unit).await).await
}

/// Wakes a phone about a request.
pub const PUSH: queue::Kind = queue::Kind("approvals.push");

/// Which phone, about which request.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct Wakes {
    /// The request, by its first row.
    pub approval: ApprovalId,
    /// The phone.
    pub phone: PhoneId,
    /// Whether it had its time to answer by its stream.
    pub again: bool,
}

/// Wakes a phone.
///
/// # Errors
/// When its server cannot be reached.
pub async fn push(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    Ok(super::push::push(ground, &serde_json::from_str(payload)?).await?)
}

/// Forgets after a year what nobody answered. An answer is evidence, a yes as well as a no, and stays with its account. Gives how many rows.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches(async |unit| store::forget_unanswered(unit, unit.now().plus(-time::Duration::days(366))).await).await
}
