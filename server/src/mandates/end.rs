//! A change that waits is refused by a second administrator, or taken back by the one who asked.

use super::{MandateError, MandateState, read, store};
use crate::{
    audit, companies, employees,
    notices::{self, Kind, Notice},
    platform::{actor::Actor, ground::Ground, id::MandateId},
};

/// Ends it. Whoever asked is told of a refusal.
///
/// # Errors
/// [`MandateError::NotFound`], [`MandateError::Ended`].
pub async fn end(ground: &Ground, actor: &Actor, id: MandateId) -> Result<(), MandateError> {
    let mut reader = ground.database.read().await?;
    let mandate = read::of_company(&mut reader, actor, id).await?.ok_or(MandateError::NotFound)?;
    let company = companies::read::company(&mut reader, mandate.company).await?.ok_or(MandateError::NotFound)?;
    let asker = employees::read::of_account(&mut reader, mandate.asked_by).await?;
    drop(reader);
    let notice = Notice::mail(Kind::MandateRefused).with("company", &company.legal_name).with("by", &actor.name);
    let told = notices::seal(ground, &notice).await?;
    let own = mandate.asked_by == actor.account;
    ground
        .database
        .write(async |unit| {
            let ended = match own {
                true => store::withdraw(unit, id, actor.account).await?,
                false => store::decide(unit, id, MandateState::Refused, (actor.account, &actor.name)).await?,
            };
            if !ended {
                let found = store::by_id(unit, id).await?.ok_or(MandateError::NotFound)?;
                return Err(MandateError::Ended { state: found.state });
            }
            let action = if own { "mandate.withdrawn" } else { "mandate.refused" };
            let event = audit::Event::new(action, actor.author(), format_args!("mandate:{id}")).company(mandate.company);
            audit::record(unit, event).await?;
            if let (false, Some(asker)) = (own, &asker) {
                notices::tell(unit, asker.id.into(), &told).await?;
            }
            Ok(())
        })
        .await
}
