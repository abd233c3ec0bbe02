//! Records what happened, in the unit of the change itself: no change without its entry, no entry without its change.

use super::{model::Event, store};
use crate::platform::{
    database::{DatabaseError, Unit},
    id::AuditEntryId,
};

/// Records an event.
///
/// # Errors
/// When the database fails.
pub async fn record(unit: &mut Unit, event: Event) -> Result<(), DatabaseError> {
    record_all(unit, vec![event]).await
}

/// Records several events of one unit, with few statements.
///
/// # Errors
/// When the database fails.
pub async fn record_all(unit: &mut Unit, events: Vec<Event>) -> Result<(), DatabaseError> {
    let (mut bodies, mut personal) = (Vec::with_capacity(events.len()), Vec::new());
    for event in events {
        let id: AuditEntryId = unit.id();
        let (body, values) = event.into_entry(id, unit.now(), unit.random());
        bodies.push(body);
        personal.extend(values.into_iter().map(|value| (id, value)));
    }
    store::insert(unit, &bodies).await?;
    store::insert_personal(unit, &personal).await
}
