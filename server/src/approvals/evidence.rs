//! Gives the evidence of an answer, as `segl verify-approval` checks it.

use super::{ApprovalError, store};
use crate::platform::{
    actor::{Actor, Role},
    database::Connection,
    id::ApprovalId,
};

/// The evidence file of an answered request: one's own, or anybody's for an auditor.
///
/// # Errors
/// [`ApprovalError::NotFound`] for somebody else's, and for what nobody answered.
pub async fn evidence(connection: &mut impl Connection, actor: &Actor, id: ApprovalId) -> Result<Vec<u8>, ApprovalError> {
    let (account, evidence) = store::evidence(connection, id).await?.ok_or(ApprovalError::NotFound)?;
    if account != actor.account && !actor.is(Role::Auditor) {
        return Err(ApprovalError::NotFound);
    }
    evidence.ok_or(ApprovalError::NotFound)
}
