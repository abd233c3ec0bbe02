//! An operator has a signatory's link sent again: another one, and the old one is dead. So often a day and no more.

use time::Duration;

use super::{SuccessionError, asking, content::Content, read, sign, store};
use crate::{
    audit, companies, notices,
    platform::{
        actor::Actor,
        ground::Ground,
        id::{SignatoryId, SuccessionId},
    },
};

/// So often a signatory's link is sent again, ...
const MOST: i64 = 5;
/// ... within so long.
const WITHIN: Duration = Duration::DAY;

/// Sends another link, right after a fresh proof.
///
/// # Errors
/// [`SuccessionError::ProveAgain`], [`SuccessionError::NotFound`], [`SuccessionError::SentTooOften`], and those of whoever may not sign any more.
pub async fn send_again(ground: &Ground, actor: &Actor, id: SuccessionId, signatory: SignatoryId) -> Result<(), SuccessionError> {
    let now = ground.clock().now();
    if !actor.has_proven(now) {
        return Err(SuccessionError::ProveAgain);
    }
    let mut reader = ground.database.read().await?;
    let about = read::of_signatory(&mut reader, id, signatory).await?;
    drop(reader);
    sign::check_open(&about, now)?;
    let content = Content::of(&about.succession)?;
    let link = asking::link(ground, &about.company, (&about.succession, &content), signatory).await?;
    ground
        .database
        .write(async |unit| {
            companies::hold_open(unit, about.company.id).await?;
            let moment = unit.now();
            let about = read::of_signatory(unit, id, signatory).await?;
            sign::check_open(&about, moment)?;
            if !store::renew_link(unit, (id, signatory), &link.hash, (MOST, moment.plus(-WITHIN))).await? {
                return Err(SuccessionError::SentTooOften);
            }
            let event = audit::Event::new("succession.link_renewed", actor.author(), format_args!("succession:{id}"))
                .company(about.company.id)
                .fact("signatory", signatory);
            audit::record(unit, event).await?;
            notices::tell(unit, signatory.into(), &link.mail).await?;
            Ok(())
        })
        .await
}
