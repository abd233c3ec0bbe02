//! The second person of a recovery: says yes on the phone, and opens the own share with the password.

use super::{ConsentError, read};
use crate::{
    approvals,
    platform::{
        actor::Actor,
        consent::Purpose,
        ground::Ground,
        id::{ApprovalId, RecoveryId},
        secret::Secret,
    },
    recoveries,
};

/// Approves the recovery that the phone said yes to.
///
/// # Errors
/// [`ConsentError::Answer`] while the phone has not said yes; [`ConsentError::Approval`] for a yes to something else or a used one;
/// [`ConsentError::Recovery`], as [`recoveries::open`].
pub async fn approve_recovery(
    ground: &Ground,
    actor: &Actor,
    id: RecoveryId,
    approval: ApprovalId,
    password: &Secret<String>,
    network: &str,
) -> Result<(), ConsentError> {
    read::require_yes(ground, actor, approval).await?;
    let binding = recoveries::approvable(ground, actor, id).await?.binding();
    let opened = recoveries::open(ground, actor, id, password, network).await?;
    ground
        .database
        .write(async |unit| {
            let consent = approvals::redeem(unit, actor.account, approval, Purpose::RecoverKey, binding).await?;
            Ok::<_, ConsentError>(recoveries::approve_by(unit, actor, &opened, &consent).await?)
        })
        .await
}
