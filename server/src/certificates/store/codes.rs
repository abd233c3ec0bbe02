//! The rows of revocation codes, and of the wrong ones that were tried.

use super::{super::Certificate, by_id};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::CertificateId,
        moment::Moment,
    },
};

pub(in crate::certificates) async fn insert(unit: &mut Unit, certificate: CertificateId, hash: &[u8]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO revocation_code (certificate_id, hash, created_at) VALUES ($1, $2, $3)")
            .bind(certificate)
            .bind(hash)
            .bind(now)
    )
    .map(drop)
}

/// The certificates that a code stands for, in the order of their issuing.
pub(in crate::certificates) async fn certificates<C: Connection>(
    connection: &mut C,
    hash: &[u8],
) -> Result<Vec<Certificate>, DatabaseError> {
    let ids: Vec<CertificateId> =
        fetch!(connection, |c| sqlx::query_scalar("SELECT certificate_id FROM revocation_code WHERE hash = $1 ORDER BY certificate_id")
            .bind(hash)
            .fetch_all(c))?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(by_id(connection, id).await?);
    }
    Ok(found)
}

/// Counts a try of this network, and gives how many were counted since `since`. The row is locked until the unit ends: of many at once each
/// has its own number.
pub(in crate::certificates) async fn count_try(unit: &mut Unit, network: &str, since: Moment) -> Result<i64, DatabaseError> {
    let now = unit.now();
    fetch!(unit, |c| sqlx::query_scalar(
        "INSERT INTO revocation_try (network, wrong, began_at) VALUES ($1, 1, $2)
         ON CONFLICT (network) DO UPDATE SET
             wrong = CASE WHEN revocation_try.began_at < $3 THEN 1 ELSE revocation_try.wrong + 1 END,
             began_at = CASE WHEN revocation_try.began_at < $3 THEN excluded.began_at ELSE revocation_try.began_at END
         RETURNING wrong"
    )
    .bind(network)
    .bind(now)
    .bind(since)
    .fetch_one(c))
}

/// A right code was no wrong try.
pub(in crate::certificates) async fn forgive_try(unit: &mut Unit, network: &str) -> Result<(), DatabaseError> {
    execute!(unit, sqlx::query("UPDATE revocation_try SET wrong = wrong - 1 WHERE network = $1 AND wrong > 0").bind(network)).map(drop)
}

/// Counts that began before `before` are of no more use.
pub(in crate::certificates) async fn forget_tries(unit: &mut Unit, before: Moment) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM revocation_try WHERE began_at < $1").bind(before))
}
