//! The background edge of imports: portions, those that were left behind, and what is forgotten.

use super::{
    model::COUNTED,
    run::{self, Payload, RUN},
};
use crate::{
    employees::{EmployeeError, store},
    platform::{ground::Ground, queue},
};

/// How often the round looks.
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(600);
/// An import that has not gone on for so long is set going again: its job was given up.
const LEFT_BEHIND: time::Duration = time::Duration::hours(6);

/// Runs a portion.
///
/// # Errors
/// When keystore or database fail.
pub async fn run(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    Ok(run::portion(ground, serde_json::from_str(payload)?).await?)
}

/// Forgets the people of old files, and sets going again what was left behind. Gives how many rows went.
///
/// # Errors
/// When the database fails.
pub async fn sweep(ground: &Ground) -> anyhow::Result<u64> {
    let since = ground.clock().now().plus(-LEFT_BEHIND);
    let slow = store::slow_imports(&mut ground.database.read().await?, since).await?;
    for (company, id) in slow {
        ground
            .database
            .write(async |unit| {
                let Some(import) = store::import(unit, company, id).await? else { return Ok(()) };
                queue::enqueue(unit, RUN, &Payload { company, import: id, from: import.next_line }, unit.now()).await?;
                store::advance_import(unit, &import, import.next_line, (0, 0)).await?;
                Ok::<_, EmployeeError>(())
            })
            .await?;
    }
    let people = ground.database.in_batches::<EmployeeError, _>(async |unit| Ok(store::forget_imported(unit).await?)).await?;
    Ok(people
        + ground
            .database
            .in_batches::<EmployeeError, _>(async |unit| Ok(store::forget_imports(unit, unit.now().plus(-COUNTED)).await?))
            .await?)
}
