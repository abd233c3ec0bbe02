//! Rows of release keys (their public halves), and of released secrets on their way to the process that can open them.

use uuid::Uuid;

use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::ApprovalId,
        moment::Moment,
    },
};

/// Tells the other nodes of a key.
pub(in crate::approvals) async fn insert_key(
    unit: &mut Unit,
    id: &[u8; 16],
    (notice, signature): (&[u8], &[u8]),
    until: Moment,
) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("INSERT INTO release_key (id, notice, notice_signature, until) VALUES ($1, $2, $3, $4)")
            .bind(Uuid::from_bytes(*id))
            .bind(notice)
            .bind(signature)
            .bind(until)
    )
    .map(drop)
}

/// What a node told of a key that is still held.
pub(in crate::approvals) async fn key(
    connection: &mut impl Connection,
    id: &[u8; 16],
    now: Moment,
) -> Result<Option<(Vec<u8>, Vec<u8>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as("SELECT notice, notice_signature FROM release_key WHERE id = $1 AND until > $2")
        .bind(Uuid::from_bytes(*id))
        .bind(now)
        .fetch_optional(c))
}

/// Leaves a released secret for the process that can open it.
pub(in crate::approvals) async fn insert(
    unit: &mut Unit,
    approval: ApprovalId,
    key: &[u8; 16],
    sealed: &[u8],
    expires_at: Moment,
) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query("INSERT INTO release (approval_id, release_key_id, sealed, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(approval)
            .bind(Uuid::from_bytes(*key))
            .bind(sealed)
            .bind(expires_at)
    )
    .map(drop)
}

/// Which requests' secrets wait for a key.
pub(in crate::approvals) async fn waiting(connection: &mut impl Connection, key: &[u8; 16]) -> Result<Vec<ApprovalId>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT approval_id FROM release WHERE release_key_id = $1")
        .bind(Uuid::from_bytes(*key))
        .fetch_all(c))
}

/// Takes a secret, once; none when it waited too long.
pub(in crate::approvals) async fn take(unit: &mut Unit, approval: ApprovalId) -> Result<Option<Vec<u8>>, DatabaseError> {
    let now = unit.now();
    let taken: Option<(Vec<u8>, Moment)> =
        fetch!(unit, |c| sqlx::query_as("DELETE FROM release WHERE approval_id = $1 RETURNING sealed, expires_at")
            .bind(approval)
            .fetch_optional(c))?;
    Ok(taken.filter(|(_, expires_at)| *expires_at > now).map(|(sealed, _)| sealed))
}

/// Forgets what nobody took, and keys that nobody holds any more. Gives how many.
pub(in crate::approvals) async fn forget(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let now = unit.now();
    let released = execute!(unit, sqlx::query("DELETE FROM release WHERE expires_at <= $1").bind(now))?;
    Ok(released + execute!(unit, sqlx::query("DELETE FROM release_key WHERE until <= $1").bind(now))?)
}

/// Nothing released is on its way any more.
pub(in crate::approvals) async fn end_every_release(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(unit, sqlx::query("DELETE FROM release_key"))?;
    let ended = execute!(unit, sqlx::query("DELETE FROM release"))?;
    Ok(ended)
}
