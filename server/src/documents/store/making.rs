//! The way of a signature from question to document: each step guarded by the one before.

use keycard::payload::{EXTENSIONS, LONGEST_LIFETIME_MS};

use super::{Document, Signature, SignatureRow};
use crate::{
    documents::model::MAKING,
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{ApprovalId, DocumentId, SignatureId},
        moment::Moment,
    },
};

/// A request to a phone may be extended for so long.
const fn longest_request() -> time::Duration {
    time::Duration::milliseconds((LONGEST_LIFETIME_MS * (1 + EXTENSIONS as u64)) as i64)
}

/// Takes the document, at the revision that was looked at, for one signature: one at a time. What a crash left behind holds it no longer than a
/// minute; what the key has signed, until it stands in the document or is given up.
pub async fn take(unit: &mut Unit, document: &Document, signature: SignatureId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let taken = execute!(
        unit,
        sqlx::query(
            "UPDATE document SET sealing_id = $1, sealing_since = $2
             WHERE id = $3 AND newest_revision = $4
               AND (sealing_id IS NULL OR (sealing_since < $5 AND NOT EXISTS
                    (SELECT 1 FROM signature WHERE signature.id = document.sealing_id AND signature.state = 'signed')))"
        )
        .bind(signature)
        .bind(now)
        .bind(document.id)
        .bind(document.newest_revision)
        .bind(now.plus(-MAKING))
    )?;
    Ok(taken == 1)
}

/// Stores what will be signed, before it is: false when the question was taken already.
pub async fn digest(unit: &mut Unit, id: SignatureId, prepared: &[u8], revision: i64) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let taken = execute!(
        unit,
        sqlx::query(
            "UPDATE signature SET state = 'digested', prepared = $1, revision = $2, moved_at = $3 WHERE id = $4 AND state = 'asked'"
        )
        .bind(prepared)
        .bind(revision)
        .bind(now)
        .bind(id)
    )?;
    Ok(taken == 1)
}

/// Whether another signature holds the document.
pub async fn is_taken(connection: &mut impl Connection, document: DocumentId, now: Moment) -> Result<bool, DatabaseError> {
    let holder: Option<SignatureId> = fetch!(connection, |c| sqlx::query_scalar(
        "SELECT sealing_id FROM document WHERE id = $1 AND sealing_id IS NOT NULL AND sealing_since >= $2"
    )
    .bind(document)
    .bind(now.plus(-MAKING))
    .fetch_optional(c))?;
    Ok(holder.is_some())
}

/// Keeps what the key made of the digest: from here on the signature needs no key. False when it was given up meanwhile, or took too long.
pub async fn keep_value(unit: &mut Unit, signature: &Signature, value: &[u8]) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let kept = execute!(
        unit,
        sqlx::query(
            "UPDATE signature SET state = 'signed', value = $1, moved_at = $2
             WHERE id = $3 AND state = 'digested' AND moved_at > $4 AND EXISTS
                 (SELECT 1 FROM document WHERE document.id = signature.document_id AND document.sealing_id = signature.id)"
        )
        .bind(value)
        .bind(now)
        .bind(signature.id)
        .bind(now.plus(-MAKING))
    )?;
    Ok(kept == 1)
}

/// What the key made, and of what.
pub async fn made(connection: &mut impl Connection, id: SignatureId) -> Result<Option<(Vec<u8>, Vec<u8>)>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_as(
        "SELECT prepared, value FROM signature WHERE id = $1 AND state = 'signed' AND prepared IS NOT NULL AND value IS NOT NULL"
    )
    .bind(id)
    .fetch_optional(c))
}

/// Ends a signature that was claimed, and lets its document go. Gives whether it was.
pub async fn end_claimed(unit: &mut Unit, document: DocumentId, id: SignatureId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query(
            "UPDATE signature SET state = 'lapsed', prepared = NULL, value = NULL, moved_at = $1
             WHERE id = $2 AND state IN ('digested', 'signed')"
        )
        .bind(now)
        .bind(id)
    )?;
    execute!(
        unit,
        sqlx::query("UPDATE document SET sealing_id = NULL, sealing_since = NULL WHERE id = $1 AND sealing_id = $2")
            .bind(document)
            .bind(id)
    )?;
    Ok(ended == 1)
}

/// Ends a signature that nobody claimed. Gives whether it waited.
pub async fn end_asked(unit: &mut Unit, id: SignatureId) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let ended = execute!(
        unit,
        sqlx::query("UPDATE signature SET state = 'lapsed', moved_at = $1 WHERE id = $2 AND state = 'asked'").bind(now).bind(id)
    )?;
    Ok(ended == 1)
}

/// The signature that a request to a phone is about.
pub async fn of_approval(connection: &mut impl Connection, approval: ApprovalId) -> Result<Option<Signature>, DatabaseError> {
    let row: Option<SignatureRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT id, document_id, employee_id, certificate_id, revision, reason, place, state, challenge_id, approval_id, asked_at, signed_at,
                moved_at
         FROM signature WHERE approval_id = $1"
    )
    .bind(approval)
    .fetch_optional(c)
    })?;
    row.map(Signature::try_from).transpose()
}

/// What the key signed some time ago and that stands in no document yet.
pub async fn left(connection: &mut impl Connection, moved_before: Moment) -> Result<Vec<Signature>, DatabaseError> {
    let rows: Vec<SignatureRow> = fetch!(connection, |c| {
        sqlx::query_as(
        "SELECT moved_at, id, document_id, employee_id, certificate_id, revision, reason, place, state, challenge_id, approval_id, asked_at,
                signed_at
         FROM signature WHERE state = 'signed' AND moved_at < $1 ORDER BY asked_at LIMIT 100"
    )
    .bind(moved_before)
    .fetch_all(c)
    })?;
    rows.into_iter().map(Signature::try_from).collect()
}

/// Ends all that stands in no document. Gives how many.
pub async fn lapse_everything(unit: &mut Unit) -> Result<u64, DatabaseError> {
    execute!(
        unit,
        sqlx::query("UPDATE signature SET state = 'lapsed', prepared = NULL, value = NULL WHERE state IN ('asked', 'digested', 'signed')")
    )
}

/// Ends what waits too long or was interrupted: nothing was embedded, so the person is asked again. What a phone is asked for may wait longer,
/// and what the key has signed was tried to be put into the document all the while. Gives those that somebody had said yes to.
pub async fn lapse(unit: &mut Unit, asked_before: Moment) -> Result<Vec<(SignatureId, DocumentId)>, DatabaseError> {
    let now = unit.now();
    let claimed = fetch!(unit, |c| {
        sqlx::query_as(
            "UPDATE signature SET state = 'lapsed', prepared = NULL, value = NULL, moved_at = $2
             WHERE state IN ('digested', 'signed') AND asked_at < $1 AND moved_at < $1
             RETURNING id, document_id",
        )
        .bind(asked_before)
        .bind(now)
        .fetch_all(c)
    })?;
    execute!(
        unit,
        sqlx::query(
            "UPDATE signature SET state = 'lapsed'
             WHERE state = 'asked' AND asked_at < $1 AND (approval_id IS NULL OR asked_at < $2)"
        )
        .bind(asked_before)
        .bind(asked_before.plus(-longest_request()))
    )?;
    Ok(claimed)
}
