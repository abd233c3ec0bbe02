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
    let id: AuditEntryId = unit.id();
    let (body, personal) = event.into_entry(id, unit.now(), unit.random());
    store::insert(unit, &body).await?;
    for value in &personal {
        store::insert_personal(unit, id, value).await?;
    }
    Ok(())
}
