//! A takeover that an operator, being alone, had recorded on paper is done when its wait is over and no signatory refused it. What cannot be done
//! safely ([`fail`]) is refused, and operators are told.

use super::{
    SuccessionError,
    content::Content,
    model::{Succession, SuccessionState},
    perform, store, told,
};
use crate::{
    audit, companies,
    platform::{actor::Author, ground::Ground, id::SuccessionId},
};

/// Does it, if it is time.
///
/// # Errors
/// When database or keystore fail.
pub async fn complete(ground: &Ground, id: SuccessionId) -> Result<(), SuccessionError> {
    let (now, author) = (ground.clock().now(), Author::System("successions"));
    let mut reader = ground.database.read().await?;
    let Some(found) = store::by_id(&mut reader, id).await? else { return Ok(()) };
    drop(reader);
    if !found.is_open(now) || found.pending > 0 || found.ready_at.is_none_or(|at| at > now) {
        return Ok(());
    }
    match perform_now(ground, &found, author).await {
        Err(SuccessionError::Company(_) | SuccessionError::Employee(_) | SuccessionError::Invalid(_) | SuccessionError::NotFound) => {
            fail(ground, &found, author).await
        }
        other => other,
    }
}

async fn perform_now(ground: &Ground, found: &Succession, author: Author) -> Result<(), SuccessionError> {
    let company = companies::read::company(&mut ground.database.read().await?, found.company).await?;
    let company = company.ok_or(SuccessionError::NotFound)?;
    let checked = Content::of(found)?.wish.check(found.kind)?;
    let ready = perform::prepare(ground, &company, found, checked, author).await?;
    ground
        .database
        .write(async |unit| {
            companies::hold_open(unit, company.id).await?;
            if !store::complete(unit, found.id).await? {
                return Ok(());
            }
            let event = audit::Event::new("succession.wait_over", author, format_args!("succession:{}", found.id)).company(company.id);
            audit::record(unit, event).await?;
            perform::perform(unit, &ready, author).await
        })
        .await
}

/// Refuses one that cannot be done as it was signed for: whoever has the successor's address is somebody else, or the company is closed. Operators
/// and those concerned are told.
pub(super) async fn fail(ground: &Ground, found: &Succession, author: Author) -> Result<(), SuccessionError> {
    ground
        .database
        .write(async |unit| {
            if !store::decide(unit, found.id, SuccessionState::Refused, None).await? {
                return Ok(());
            }
            let event = audit::Event::new("succession.failed", author, format_args!("succession:{}", found.id)).company(found.company);
            audit::record(unit, event).await?;
            let concerned = perform::concerned(unit, found.company).await?;
            told::later(unit, found.id, concerned, told::What::Ended).await?;
            Ok(told::failed(unit, found.id).await?)
        })
        .await
}
