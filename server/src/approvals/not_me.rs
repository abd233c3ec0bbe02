//! "This was not me": signing stops until the person shows password and second factor, and others are told by a job. A phone in its waiting time only
//! refuses, has the initiator's session ended and others told: whoever has just paired one in somebody's name cannot stop that person's work.

use super::{
    ApprovalError,
    ask::subject,
    jobs::{self, Signing},
    store,
};
use crate::{
    audit,
    phones::Phone,
    platform::{
        actor::Author,
        database::{Connection, Unit},
        id::{AccountId, ApprovalId},
        queue,
    },
};

/// Stops signing, if this phone may, and has the slices above end what the initiator holds and tell people.
pub(super) async fn take(unit: &mut Unit, phone: &Phone, approval: ApprovalId) -> Result<(), ApprovalError> {
    let (account, now) = (phone.account, unit.now());
    let signing = if phone.signs(now) { Signing::Stopped } else { Signing::GoesOn };
    queue::enqueue(unit, jobs::NOT_ME, &jobs::NotMe { account, approval, signing }, now).await?;
    if signing == Signing::GoesOn {
        return Ok(());
    }
    store::stop(unit, account, approval).await?;
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
