//! "This was not me": signing stops until the person shows password and second factor, and others are told by a job.

use super::{ApprovalError, ask::subject, jobs, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        id::{AccountId, ApprovalId},
        queue,
    },
};

/// Stops signing, and has the slices above end what the initiator holds and tell people.
pub(super) async fn stop(unit: &mut Unit, account: AccountId, approval: ApprovalId) -> Result<(), ApprovalError> {
    store::stop(unit, account, approval).await?;
    let now = unit.now();
    queue::enqueue(unit, jobs::NOT_ME, &jobs::NotMe { account, approval }, now).await?;
    let event = audit::Event::new("account.signing_stopped", Author::Account(account), format!("account:{account}"));
    Ok(audit::record(unit, event.fact("approval", subject(approval))).await?)
}

/// Refuses while signing is stopped.
///
/// # Errors
/// [`ApprovalError::Stopped`].
pub async fn require_unstopped(connection: &mut impl Connection, account: AccountId) -> Result<(), ApprovalError> {
    if store::is_stopped(connection, account).await? { Err(ApprovalError::Stopped) } else { Ok(()) }
}

/// Lets signing go on: the person has just shown password and second factor.
///
/// # Errors
/// When the database fails.
pub async fn end_stop(unit: &mut Unit, account: AccountId) -> Result<(), ApprovalError> {
    if store::end_stop(unit, account).await? {
        let event = audit::Event::new("account.signing_resumed", Author::Account(account), format!("account:{account}"));
        audit::record(unit, event).await?;
    }
    Ok(())
}
