//! A new phone, which a phone that serves said yes to: one more, or in its own place.

use super::{ConsentError, Question, Thing, ask::ask, read};
use crate::{
    accounts::{self, Who},
    approvals::{self, Asked},
    phones::{self, Phone},
    platform::{
        actor::Actor,
        ground::Ground,
        id::{ApprovalId, PhoneId},
        secret::Secret,
        words::Language,
    },
};

/// Checks the password and asks the present phone about the new one, whose digits were compared.
///
/// # Errors
/// [`ConsentError::Account`] for a wrong password (counted); [`ConsentError::Phone`] when there are no digits yet; as [`ask`].
pub async fn ask_for_phone(
    ground: &Ground,
    actor: &Actor,
    phone: PhoneId,
    password: &Secret<String>,
    network: &str,
) -> Result<Asked, ConsentError> {
    let question = Question::about(ground, actor, Thing::Phone(phone)).await?;
    let confirming = phones::confirming(ground, actor, phone).await?;
    let proven = accounts::check_password(ground, Who::LoggedIn(actor), password, network).await?;
    phones::keep_openers(ground, &confirming, &proven).await?;
    ask(ground, actor, question, network).await
}

/// Confirms the new phone: it serves from now, and the one whose place it takes ends in the same unit.
///
/// # Errors
/// [`ConsentError::Answer`] while no phone has said yes; [`ConsentError::Phone`] when another phone than the one moved from did, and when the
/// pairing has gone on.
pub async fn confirm_phone(
    ground: &Ground,
    actor: &Actor,
    phone: PhoneId,
    approval: ApprovalId,
    language: Language,
) -> Result<Phone, ConsentError> {
    read::require_yes(ground, actor, approval).await?;
    let confirming = phones::confirming(ground, actor, phone).await?;
    let (purpose, binding) = (confirming.purpose(), confirming.binding);
    let new = phones::prepare_by(ground, confirming, approval, language).await?;
    let confirmed = ground
        .database
        .write(async |unit| {
            let consent = approvals::redeem(unit, actor.account, approval, purpose, binding).await?;
            let by = approvals::read::answered_by(unit, approval).await?.ok_or(ConsentError::NotFound)?;
            Ok::<_, ConsentError>(phones::confirm_by(unit, actor, &new, &consent, &binding, by).await?)
        })
        .await;
    phones::wake(ground, actor.account);
    confirmed
}
