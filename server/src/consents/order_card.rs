//! One more key card, which the phone said yes to.

use super::{ConsentError, read};
use crate::{
    approvals, keycards,
    platform::{
        actor::Actor,
        consent::Purpose,
        ground::Ground,
        id::{ApprovalId, KeycardId},
    },
};

/// Orders the card.
///
/// # Errors
/// [`ConsentError::Answer`] while the phone has not said yes; [`ConsentError::Approval`] for a used yes; [`ConsentError::Keycard`] for too many.
pub async fn order_card(ground: &Ground, actor: &Actor, approval: ApprovalId) -> Result<KeycardId, ConsentError> {
    read::require_yes(ground, actor, approval).await?;
    let card = keycards::issue(ground, actor.account).await?;
    let binding = keycards::order_binding(actor.account);
    ground
        .database
        .write(async |unit| {
            let consent = approvals::redeem(unit, actor.account, approval, Purpose::OrderCard, binding).await?;
            Ok::<_, ConsentError>(keycards::order_by(unit, &card, actor, &consent, ground.config.policy.cards_per_day).await?)
        })
        .await
}
