//! Tells the company: a row for each address that listens, and a job, in the unit of the change itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Event, WebhookError, WebhookState, jobs,
    model::{BY_HAND, BY_HAND_WITHIN, MOST_WAITING, TEST, subject, written},
    store::{self, NewDelivery},
};
use crate::{
    audit,
    platform::{
        actor::Actor,
        database::{DatabaseError, Unit},
        id::{CompanyId, WebhookDeliveryId, WebhookId},
    },
};

/// Tells a company of something. Where nobody listens it costs one look.
///
/// # Errors
/// When the database fails.
pub async fn tell(unit: &mut Unit, company: CompanyId, event: Event) -> Result<(), DatabaseError> {
    tell_all(unit, company, &[event]).await
}

/// Those of the companies to whom anything is told: one look for all of them, before the words are made.
///
/// # Errors
/// When the database fails.
pub async fn listening_among(unit: &mut Unit, companies: &BTreeSet<CompanyId>) -> Result<BTreeSet<CompanyId>, DatabaseError> {
    let companies: Vec<CompanyId> = companies.iter().copied().collect();
    Ok(store::listening_among(unit, &companies).await?.into_iter().collect())
}

/// The same of several things, with few statements.
///
/// # Errors
/// When the database fails.
pub async fn tell_all(unit: &mut Unit, company: CompanyId, events: &[Event]) -> Result<(), DatabaseError> {
    if events.is_empty() {
        return Ok(());
    }
    let now = unit.now();
    for (webhook, kinds) in store::listening(unit, company).await? {
        let bodies: Vec<_> =
            events.iter().filter(|event| kinds.contains(&event.kind)).map(|event| (event.kind.word(), event.body(company, now))).collect();
        keep(unit, webhook, &bodies).await?;
    }
    Ok(())
}

/// Keeps what is to be told, as far as there is room; what there is no room for is counted.
async fn keep(unit: &mut Unit, webhook: WebhookId, bodies: &[(&'static str, Vec<u8>)]) -> Result<Vec<WebhookDeliveryId>, DatabaseError> {
    if bodies.is_empty() {
        return Ok(Vec::new());
    }
    let room = usize::try_from(MOST_WAITING - store::count_waiting(unit, webhook).await?).unwrap_or(0);
    let fit = &bodies[..bodies.len().min(room)];
    let over = bodies.len() - fit.len();
    if over > 0 {
        store::note_dropped(unit, webhook, i64::try_from(over).unwrap_or(i64::MAX)).await?;
    }
    let new: Vec<NewDelivery<'_>> = fit.iter().map(|(kind, body)| NewDelivery { id: unit.id(), webhook, kind, body }).collect();
    store::insert_deliveries(unit, &new).await?;
    let ids: Vec<WebhookDeliveryId> = new.iter().map(|one| one.id).collect();
    if !ids.is_empty() {
        jobs::wake(unit, webhook).await?;
    }
    Ok(ids)
}

/// Tells an address that this is a test.
///
/// # Errors
/// [`WebhookError::NotFound`], [`WebhookError::Disabled`], [`WebhookError::Full`], [`WebhookError::TooFast`].
pub async fn test(unit: &mut Unit, actor: &Actor, company: CompanyId, webhook: WebhookId) -> Result<WebhookDeliveryId, WebhookError> {
    require_active(unit, company, webhook).await?;
    keep_pace(unit, webhook).await?;
    let body = written(TEST, company, unit.now(), &BTreeMap::new());
    let kept = keep(unit, webhook, &[(TEST, body)]).await?;
    let id = kept.first().copied().ok_or(WebhookError::Full)?;
    let event = audit::Event::new("webhook.tested", actor.author(), subject(webhook)).company(company);
    audit::record(unit, event.fact("delivery", id)).await?;
    Ok(id)
}

/// Tells once more what was told, or could not be told, under its former id.
///
/// # Errors
/// [`WebhookError::NotFound`], [`WebhookError::Disabled`], [`WebhookError::Full`], [`WebhookError::Waits`], [`WebhookError::TooFast`].
pub async fn again(
    unit: &mut Unit,
    actor: &Actor,
    (company, webhook): (CompanyId, WebhookId),
    delivery: WebhookDeliveryId,
) -> Result<(), WebhookError> {
    require_active(unit, company, webhook).await?;
    if !store::exists(unit, webhook, delivery).await? {
        return Err(WebhookError::NotFound);
    }
    if store::count_waiting(unit, webhook).await? >= MOST_WAITING {
        return Err(WebhookError::Full);
    }
    keep_pace(unit, webhook).await?;
    if !store::again(unit, webhook, delivery).await? {
        return Err(WebhookError::Waits);
    }
    jobs::wake(unit, webhook).await?;
    let event = audit::Event::new("webhook.told_again", actor.author(), subject(webhook)).company(company);
    Ok(audit::record(unit, event.fact("delivery", delivery)).await?)
}

/// Whoever presses buttons, or a program that does, has only so much sent within a minute.
async fn keep_pace(unit: &mut Unit, webhook: WebhookId) -> Result<(), WebhookError> {
    let since = unit.now().plus(-BY_HAND_WITHIN);
    if store::count_by_hand(unit, webhook, BY_HAND, since).await? { Ok(()) } else { Err(WebhookError::TooFast { most: BY_HAND }) }
}

async fn require_active(unit: &mut Unit, company: CompanyId, webhook: WebhookId) -> Result<(), WebhookError> {
    let found = store::webhook(unit, company, webhook).await?.ok_or(WebhookError::NotFound)?;
    match found.state {
        WebhookState::Active => Ok(()),
        WebhookState::Disabled => Err(WebhookError::Disabled),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::{
        platform::testing,
        webhooks::{EventKind, Webhook},
    };

    #[actix_web::test]
    async fn what_there_is_no_room_for_is_not_kept_and_is_counted() {
        let world = testing::ground().await.unwrap();
        let company: CompanyId = world.database.write::<_, DatabaseError, _>(async |unit| Ok(unit.id())).await.unwrap();
        let webhook = Webhook {
            id: world.database.write::<_, DatabaseError, _>(async |unit| Ok(unit.id())).await.unwrap(),
            company,
            url: "https://hooks.example.dk/in".to_owned(),
            kinds: vec![EventKind::EmployeeLeft],
            state: WebhookState::Active,
            why: None,
            failing_since: None,
            dropped: 0,
            former_until: None,
            created_at: world.database.clock().now(),
        };
        world.database.write(async |unit| store::insert(unit, &webhook, b"sealed").await).await.unwrap();
        let one = |kind| Event::new(kind).with("employee", "somebody");
        let most = usize::try_from(MOST_WAITING).unwrap();
        world.database.write(async |unit| tell_all(unit, company, &vec![one(EventKind::EmployeeLeft); most + 2]).await).await.unwrap();
        for kind in [EventKind::EmployeeLeft, EventKind::EmployeeInvited] {
            world.database.write(async |unit| tell(unit, company, one(kind)).await).await.unwrap();
        }
        let mut reader = world.database.read().await.unwrap();
        let found = store::webhook(&mut reader, company, webhook.id).await.unwrap().unwrap();
        assert_eq!(store::count_waiting(&mut reader, webhook.id).await.unwrap(), MOST_WAITING);
        assert_eq!(found.dropped, 3, "two of the many and one after; what nobody listens to is no loss");
    }
}
