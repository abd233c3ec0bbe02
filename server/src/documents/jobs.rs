//! Questions that nobody answered, and signatures that a crash interrupted before they were stored, lapse; those stored go on for a quarter of an
//! hour, and lapse when no authority stamped their time by then: the person is asked again, and the audit has it. Seals that a crash interrupted
//! failed.

use time::Duration;

use super::{complete, seal, store};
use crate::{
    audit::{self, Event},
    platform::{actor::Author, database::DatabaseError, ground::Ground},
};

/// Longer than a question lives and a signature takes.
const LIFE: Duration = Duration::minutes(15);

/// What the key signed is left to the process that asked for so long.
const LEFT: Duration = Duration::seconds(30);

/// Puts into their documents the signatures that a key made before the process stopped, or whose time could not be stamped then.
///
/// # Errors
/// When the database fails.
pub async fn resume(ground: &Ground) -> Result<usize, DatabaseError> {
    let mut reader = ground.database.read().await?;
    let left = store::left(&mut reader, ground.clock().now().plus(-LEFT)).await?;
    drop(reader);
    for signature in &left {
        let document = store::find(&mut ground.database.read().await?, signature.document, signature.employee).await?;
        let Some(document) = document else { continue };
        if let Err(error) = complete::resume(ground, document, signature.clone()).await {
            tracing::warn!(signature = %signature.id, %error, "a signature that was made is not in its document yet");
        }
    }
    Ok(left.len())
}

/// Lets them lapse.
///
/// # Errors
/// When the database fails.
pub async fn lapse(ground: &Ground) -> Result<(), DatabaseError> {
    ground
        .database
        .write(async |unit| {
            let before = unit.now().plus(-LIFE);
            seal::give_up(unit, before).await?;
            for (signature, document) in store::lapse(unit, before).await? {
                let event = Event::new("signature.lapsed", Author::System("documents"), format_args!("signature:{signature}"));
                audit::record(unit, event.fact("document", document)).await?;
            }
            Ok(())
        })
        .await
}
