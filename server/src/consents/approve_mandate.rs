//! The second administrator consents on the phone to a change of who may act for the company.

use super::{ConsentError, read};
use crate::{
    approvals, mandates,
    platform::{
        actor::Actor,
        consent::Purpose,
        ground::Ground,
        id::{ApprovalId, MandateId},
    },
};

/// Consents to the change that the phone said yes to.
///
/// # Errors
/// [`ConsentError::Answer`] while the phone has not said yes; [`ConsentError::Approval`] for a yes to something else or a used one;
/// [`ConsentError::Mandate`], as [`mandates::open`].
pub async fn approve_mandate(ground: &Ground, actor: &Actor, id: MandateId, approval: ApprovalId) -> Result<(), ConsentError> {
    read::require_yes(ground, actor, approval).await?;
    let binding = mandates::approvable(ground, actor, id).await?.binding();
    let opened = mandates::open(ground, actor, id).await?;
    ground
        .database
        .write(async |unit| {
            let consent = approvals::redeem(unit, actor.account, approval, Purpose::Consent, binding).await?;
            Ok::<_, ConsentError>(mandates::approve_by(unit, actor, &opened, &consent).await?)
        })
        .await
}
