//! Rows of the service's identity keys that have taken over from another. The first one has none.

use keycard::{Canonical, Signed};

use crate::{
    execute, fetch,
    platform::database::{Connection, DatabaseError, Unit},
};

/// One step from a key to the next.
#[derive(sqlx::FromRow)]
pub(in crate::phones) struct Step {
    pub public_key: Vec<u8>,
    pub succession: Vec<u8>,
    pub succession_signature: Vec<u8>,
}

/// The generation in use, if it is not the first.
pub(in crate::phones) async fn newest(connection: &mut impl Connection) -> Result<Option<i64>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT generation FROM phone_identity ORDER BY generation DESC LIMIT 1").fetch_optional(c))
}

/// All generations but the first, oldest first.
pub(in crate::phones) async fn generations(connection: &mut impl Connection) -> Result<Vec<i64>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT generation FROM phone_identity ORDER BY generation").fetch_all(c))
}

/// The last steps, oldest first.
pub(in crate::phones) async fn last(connection: &mut impl Connection, most: usize) -> Result<Vec<Step>, DatabaseError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut rows: Vec<Step> = fetch!(connection, |c| sqlx::query_as(
        "SELECT public_key, succession, succession_signature FROM phone_identity ORDER BY generation DESC LIMIT $1"
    )
    .bind(most)
    .fetch_all(c))?;
    rows.reverse();
    Ok(rows)
}

/// Writes a step, once: of two at once, one is first.
pub(in crate::phones) async fn insert<T: Canonical>(
    unit: &mut Unit,
    generation: i64,
    public_key: &[u8],
    named: &Signed<T>,
) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let written = execute!(
        unit,
        sqlx::query(
            "INSERT INTO phone_identity (generation, public_key, succession, succession_signature, begun_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (generation) DO NOTHING"
        )
        .bind(generation)
        .bind(public_key)
        .bind(named.bytes())
        .bind(named.signature().der())
        .bind(now)
    )?;
    Ok(written == 1)
}
