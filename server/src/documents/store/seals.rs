//! Rows of what companies sealed.

use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{CertificateId, CompanyId, DocumentId},
        moment::Moment,
    },
};

/// How often a company asked for its seal since then, whatever came of it.
pub async fn asked_since(connection: &mut impl Connection, company: CompanyId, since: Moment) -> Result<i64, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar("SELECT count(*) FROM sealed_document WHERE company_id = $1 AND asked_at > $2")
        .bind(company)
        .bind(since)
        .fetch_one(c))
}

pub async fn insert(
    unit: &mut Unit,
    id: DocumentId,
    (company, certificate): (CompanyId, CertificateId),
    (content, digest): (&[u8; 32], &[u8; 32]),
) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO sealed_document (id, company_id, certificate_id, state, content_hash, signed_digest, asked_at)
             VALUES ($1, $2, $3, 'asked', $4, $5, $6)"
        )
        .bind(id)
        .bind(company)
        .bind(certificate)
        .bind(content.as_slice())
        .bind(digest.as_slice())
        .bind(now)
    )
    .map(drop)
}

/// True when this very call finished it.
pub async fn finish(unit: &mut Unit, id: DocumentId, sealed: &[u8; 32], stamped_by: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let changed = execute!(
        unit,
        sqlx::query(
            "UPDATE sealed_document SET state = 'sealed', sealed_hash = $1, stamped_by = $2, sealed_at = $3 WHERE id = $4 AND state = 'asked'"
        )
        .bind(sealed.as_slice())
        .bind(stamped_by)
        .bind(now)
        .bind(id)
    )?;
    Ok(changed == 1)
}

/// Ends those that were asked for before a moment and never sealed, by this very call.
pub async fn fail(unit: &mut Unit, before: Moment) -> Result<Vec<(DocumentId, CompanyId)>, DatabaseError> {
    fetch!(unit, |c| sqlx::query_as(
        "UPDATE sealed_document SET state = 'failed' WHERE state = 'asked' AND asked_at < $1 RETURNING id, company_id"
    )
    .bind(before)
    .fetch_all(c))
}
