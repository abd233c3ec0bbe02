//! The witness: notes when our own OCSP responder was first seen to answer *revoked*, by asking it as everybody does.

use certs::serial::Serial;

use super::{Known, StatusError, kept, ocsp, read, store};
use crate::platform::{database::DatabaseError, ground::Ground, id::AuthorityId, moment::Moment};

/// So many revocations are looked at in one turn.
const MOST: i64 = 500;

/// When the world could see a revocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When our OCSP responder was first seen to answer so.
    pub answered_at: Option<Moment>,
    /// When the list of its shard first named it.
    pub listed_at: Option<Moment>,
}

/// Looks at every revocation that was not yet seen to be answered. Gives how many were now.
///
/// # Errors
/// When the database fails.
pub async fn witness(ground: &Ground) -> Result<usize, StatusError> {
    let waiting = store::unanswered(&mut ground.database.read().await?, MOST).await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let contents = kept::current(ground).await?;
    let mut answered: Vec<(AuthorityId, Serial)> = Vec::with_capacity(waiting.len());
    for (authority, serial) in waiting {
        let serial = read::serial(&serial)?;
        if let Some(Known::Revoked { .. }) = ocsp::standing(ground, &contents, authority, &serial).await? {
            answered.push((authority, serial));
        }
    }
    ground
        .database
        .write(async |unit| -> Result<(), DatabaseError> {
            for (authority, serial) in &answered {
                store::note_answered(unit, *authority, serial.as_bytes()).await?;
            }
            Ok(())
        })
        .await?;
    Ok(answered.len())
}

/// [`witness`] right after a revocation. A failure is told to the log alone: the round comes by within a second.
pub async fn witness_soon(ground: &Ground) {
    if let Err(error) = witness(ground).await {
        tracing::warn!(%error, "a revocation was not seen in OCSP at once");
    }
}
