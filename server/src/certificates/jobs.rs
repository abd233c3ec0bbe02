//! The background edge: what a crash left between intention and signature, and the service's own certificates before they end.

use certs::{ca::IssueError, revocation::Reason};
use time::Duration;

use super::{CertificateError, KeyCarrier, code, finish, finish::abandon, service, store};
use crate::{
    authorities::AuthorityError,
    platform::{actor::Author, database::DatabaseError, ground::Ground, id::CertificateId, queue},
    status,
};

/// How often [`recover`] looks.
pub const RECOVERY_PAUSE: std::time::Duration = std::time::Duration::from_secs(60);
/// How often [`renew`] looks. The service's own certificates are renewed at half of their lives.
pub const RENEWAL_PAUSE: std::time::Duration = std::time::Duration::from_secs(60 * 60);
/// Whoever stored an intention finishes it at once; later it was left behind.
const LEFT_AFTER: Duration = Duration::seconds(30);
/// A certificate that begins so long ago is not handed out any more.
const GIVEN_UP_AFTER: Duration = Duration::hours(24);

/// Finishes every intention that was left behind, or gives it up: when it can never pass, or is a day old, or its key went into a file that nobody got. Gives how many were finished.
///
/// # Errors
/// When the database fails. An intention that cannot be finished now is tried again next time.
pub async fn recover(ground: &Ground) -> Result<usize, CertificateError> {
    let now = ground.clock().now();
    let left = store::left_behind(&mut ground.database.read().await?, now.plus(-LEFT_AFTER), now).await?;
    let mut finished = 0;
    for (id, due_at, carrier) in left {
        // The key of a key file was in the memory of whoever is gone; what the archive has of it was never used.
        let key_is_lost = KeyCarrier::of(&carrier) == Some(KeyCarrier::KeyFile);
        if key_is_lost || now.since(due_at) > GIVEN_UP_AFTER {
            give_up(ground, id).await?;
            continue;
        }
        match finish(ground, id).await {
            Ok(()) => finished += 1,
            Err(error) => {
                tracing::error!(certificate = %id, %error, "an intention left behind was not finished");
                if is_final(&error) {
                    give_up(ground, id).await?;
                }
            }
        }
    }
    Ok(finished)
}

async fn give_up(ground: &Ground, id: CertificateId) -> Result<(), CertificateError> {
    let Some(intended) = store::by_id(&mut ground.database.read().await?, id).await? else { return Ok(()) };
    ground
        .database
        .write(async |unit| -> Result<(), DatabaseError> {
            abandon(unit, &intended, Author::System("certificates"), Reason::CessationOfOperation).await.map(drop)
        })
        .await?;
    Ok(())
}

/// Whether trying again can never help.
fn is_final(error: &CertificateError) -> bool {
    matches!(
        error,
        CertificateError::Prepare(_)
            | CertificateError::Issue(IssueError::OtherIssuer)
            | CertificateError::Authority(AuthorityError::Unknown { .. })
    )
}

/// Renews the service's own certificates, on one node at a time.
///
/// # Errors
/// As [`service::renew`].
pub async fn renew(ground: &Ground, holder: &str) -> Result<(), CertificateError> {
    if queue::hold_lease(&ground.database, "certificates.service", holder, Duration::minutes(5)).await? {
        let renewed = service::renew(ground).await;
        // Given back at once: whoever started the service must not keep its rounds waiting.
        queue::hold_lease(&ground.database, "certificates.service", holder, Duration::ZERO).await?;
        renewed?;
    }
    Ok(())
}

/// Forgets counts of wrong revocation codes that no longer matter.
///
/// # Errors
/// When the database fails.
pub async fn forget(ground: &Ground) -> Result<u64, CertificateError> {
    ground.database.write(code::forget).await
}

/// Everything that must stand before the first request: after founding, and at every start. Leftovers are finished, the authorities taken
/// up, responder, time-stamp unit and notice certificate issued, lists published that were never, or that end first: so many that a start takes as long
/// with ten thousand companies as with one. The round publishes the rest while requests are answered.
///
/// # Errors
/// The first failure.
pub async fn begin(ground: &Ground, holder: &str) -> Result<(), CertificateError> {
    status::adopt_authorities(ground).await?;
    recover(ground).await?;
    renew(ground, holder).await?;
    status::publish::publish_due(ground, status::publish::BEFORE_SERVING).await?;
    Ok(())
}
