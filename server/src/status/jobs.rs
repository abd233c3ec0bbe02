//! The background edge: a leased round that publishes the lists that are due.

use time::Duration;

use super::{StatusError, adopt_authorities, check, publish};
use crate::platform::{ground::Ground, queue};

/// Between two rounds: a revocation stands on its list well within a minute.
pub const PAUSE: std::time::Duration = std::time::Duration::from_secs(5);
/// Between two looks at what was revoked: OCSP says so within a second, and this is who knows.
pub const WITNESS_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);
/// Between two looks of the checker.
pub const CHECK_PAUSE: std::time::Duration = std::time::Duration::from_secs(300);
/// A node that does not come back leaves the round to another after this.
const LEASE: Duration = Duration::seconds(30);

/// One round, unless another node has the lease. Gives the number of lists published.
///
/// # Errors
/// The first failure, after every list was tried.
pub async fn round(ground: &Ground, holder: &str) -> Result<usize, StatusError> {
    if !queue::hold_lease(&ground.database, "status.publish", holder, LEASE).await? {
        return Ok(0);
    }
    adopt_authorities(ground).await?;
    publish::publish_due(ground, publish::IN_A_ROUND).await
}

/// The checker's look at every issuer, unless another node has the lease. Gives for how many something is wrong.
///
/// # Errors
/// When the database fails.
pub async fn check(ground: &Ground, holder: &str) -> Result<usize, StatusError> {
    if !queue::hold_lease(&ground.database, "status.check", holder, Duration::seconds(240)).await? {
        return Ok(0);
    }
    check::check_all(ground).await
}
