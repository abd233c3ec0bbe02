//! A forgotten password that is replaced: the second administrator's yes on the phone, or the person's own on a phone of before.

use super::{ConsentError, read};
use crate::{
    approvals,
    platform::{
        actor::Actor,
        consent::Purpose,
        ground::Ground,
        id::{ApprovalId, ReissueId},
    },
    reissues,
};

/// Does what the phone said yes to: approves somebody else's, or lets one's own certificates go.
///
/// # Errors
/// [`ConsentError::Answer`] while the phone has not said yes; [`ConsentError::Approval`] for a yes to something else or a used one;
/// [`ConsentError::Reissue`], as [`reissues::approve_by`] and [`reissues::hasten_by`].
pub async fn approve_reissue(ground: &Ground, actor: &Actor, id: ReissueId, approval: ApprovalId) -> Result<(), ConsentError> {
    read::require_yes(ground, actor, approval).await?;
    let mut reader = ground.database.read().await?;
    if !reissues::is_own(&mut reader, actor, id).await? {
        let reissue = reissues::approvable(&mut reader, actor, id).await?;
        drop(reader);
        let binding = reissue.binding_to_grant();
        return ground
            .database
            .write(async |unit| {
                let consent = approvals::redeem(unit, actor.account, approval, Purpose::GrantReissue, binding).await?;
                Ok::<_, ConsentError>(reissues::approve_by(unit, actor, &reissue, &consent).await?)
            })
            .await;
    }
    let (reissue, _) = reissues::hastenable(&mut reader, actor, id, ground.clock().now()).await?;
    drop(reader);
    let binding = reissue.binding_to_hasten();
    ground
        .database
        .write(async |unit| {
            let consent = approvals::redeem(unit, actor.account, approval, Purpose::HastenReissue, binding).await?;
            let by = approvals::read::answered_by(unit, approval).await?.ok_or(ConsentError::NotFound)?;
            Ok::<_, ConsentError>(reissues::hasten_by(unit, actor, id, &consent, by).await?)
        })
        .await?;
    Ok(reissues::finish(ground, reissue.employee).await?)
}
