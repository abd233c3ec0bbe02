//! The background edge: notes what is done, lets lapse what nobody went on with, forgets what ended long ago. The certificates themselves are
//! signed by the recovering round of their slice.

use time::Duration;

use super::{
    ReissueError,
    model::{ReissueState, Standing},
    read, store,
};
use crate::{
    audit,
    platform::{actor::Author, database::DatabaseError, ground::Ground},
};

/// How often [`tend`] looks.
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(60);

/// So long after its end one can still be looked up.
const KEPT: Duration = Duration::days(90);

/// Notes what is done and what lapsed. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn tend(ground: &Ground) -> Result<u64, ReissueError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let mut done = Vec::new();
    for reissue in store::given(&mut reader, now).await? {
        match read::standing(&mut reader, &reissue, now).await? {
            Standing::Done => done.push((reissue, ReissueState::Done)),
            Standing::Lapsed => done.push((reissue, ReissueState::Lapsed)),
            Standing::Approved | Standing::Asked | Standing::Cancelled | Standing::Sent | Standing::Waiting => {}
        }
    }
    drop(reader);
    ground
        .database
        .write(async |unit| -> Result<u64, ReissueError> {
            let mut ended = store::lapse(unit).await?;
            if ended > 0 {
                let event = audit::Event::new("reissue.lapsed", Author::System("reissues"), "reissues").fact("count", ended);
                audit::record(unit, event).await?;
            }
            for (reissue, to) in &done {
                if store::end(unit, reissue, *to).await? {
                    let event = audit::Event::new("reissue.ended", Author::System("reissues"), format_args!("reissue:{}", reissue.id));
                    audit::record(unit, event.company(reissue.company).fact("state", to.word())).await?;
                    ended += 1;
                }
            }
            Ok(ended)
        })
        .await
}

/// Forgets what ended long ago. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, DatabaseError> {
    ground.database.in_batches::<DatabaseError, _>(async |unit| store::forget(unit, unit.now().plus(-KEPT)).await).await
}
