//! All SQL of the slice. A revision's bytes are those before it plus its own increment.

pub(super) mod making;
pub(super) mod seals;

pub use making::{digest, end_asked, end_claimed, is_taken, keep_value, lapse, lapse_everything, left, made, of_approval, take};

use super::model::{Document, DocumentState, Plan, Signature, SignatureState};
use crate::{
    execute, fetch,
    platform::{
        database::{Connection, DatabaseError, Unit},
        id::{ApprovalId, CertificateId, ChallengeId, CompanyId, DocumentId, EmployeeId, SignatureId},
        moment::Moment,
    },
};

#[derive(sqlx::FromRow)]
struct DocumentRow {
    id: DocumentId,
    company_id: CompanyId,
    employee_id: EmployeeId,
    title: String,
    state: String,
    content_hash: Vec<u8>,
    size_bytes: i64,
    pages: i64,
    newest_revision: i64,
    uploaded_at: Moment,
    changed_at: Moment,
}

impl TryFrom<DocumentRow> for Document {
    type Error = DatabaseError;

    fn try_from(row: DocumentRow) -> Result<Self, DatabaseError> {
        let state = DocumentState::of(&row.state).ok_or(DatabaseError::Corrupt { what: "document state", value: row.state })?;
        Ok(Self {
            id: row.id,
            company: row.company_id,
            employee: row.employee_id,
            title: row.title,
            state,
            content_sha256: hex::encode(row.content_hash),
            size_bytes: row.size_bytes,
            pages: row.pages,
            newest_revision: row.newest_revision,
            uploaded_at: row.uploaded_at,
            changed_at: row.changed_at,
        })
    }
}

#[derive(sqlx::FromRow)]
struct SignatureRow {
    id: SignatureId,
    document_id: DocumentId,
    employee_id: EmployeeId,
    certificate_id: CertificateId,
    revision: i64,
    reason: Option<String>,
    place: Option<String>,
    state: String,
    challenge_id: Option<ChallengeId>,
    approval_id: Option<ApprovalId>,
    asked_at: Moment,
    signed_at: Option<Moment>,
    moved_at: Option<Moment>,
}

impl TryFrom<SignatureRow> for Signature {
    type Error = DatabaseError;

    fn try_from(row: SignatureRow) -> Result<Self, DatabaseError> {
        let state = SignatureState::of(&row.state).ok_or(DatabaseError::Corrupt { what: "signature state", value: row.state })?;
        Ok(Self {
            id: row.id,
            document: row.document_id,
            employee: row.employee_id,
            certificate: row.certificate_id,
            revision: row.revision,
            plan: Plan { reason: row.reason, place: row.place },
            state,
            challenge: row.challenge_id,
            approval: row.approval_id,
            asked_at: row.asked_at,
            signed_at: row.signed_at,
            moved_at: row.moved_at,
        })
    }
}

pub async fn insert(unit: &mut Unit, document: &Document, content_hash: &[u8], bytes: &[u8]) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO document (id, company_id, employee_id, title, state, content_hash, size_bytes, pages, newest_revision, uploaded_at, changed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        )
        .bind(document.id)
        .bind(document.company)
        .bind(document.employee)
        .bind(&document.title)
        .bind(document.state.word())
        .bind(content_hash)
        .bind(document.size_bytes)
        .bind(document.pages)
        .bind(document.newest_revision)
        .bind(document.uploaded_at)
        .bind(document.changed_at)
    )?;
    insert_revision(unit, document.id, 0, bytes).await
}

pub async fn insert_revision(unit: &mut Unit, document: DocumentId, revision: i64, increment: &[u8]) -> Result<(), DatabaseError> {
    let now = unit.now();
    execute!(
        unit,
        sqlx::query("INSERT INTO document_revision (document_id, revision, increment, created_at) VALUES ($1, $2, $3, $4)")
            .bind(document)
            .bind(revision)
            .bind(increment)
            .bind(now)
    )
    .map(drop)
}

/// Adds the signed revision upon the one that was taken for this signature, and lets the document go.
pub async fn advance(unit: &mut Unit, document: &Document, signature: SignatureId, added_bytes: i64) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let moved = execute!(
        unit,
        sqlx::query(
            "UPDATE document SET newest_revision = newest_revision + 1, size_bytes = size_bytes + $1, state = 'signed', changed_at = $2,
                 sealing_id = NULL, sealing_since = NULL
             WHERE id = $3 AND newest_revision = $4 AND sealing_id = $5"
        )
        .bind(added_bytes)
        .bind(now)
        .bind(document.id)
        .bind(document.newest_revision)
        .bind(signature)
    )?;
    Ok(moved == 1)
}

pub async fn find(connection: &mut impl Connection, id: DocumentId, employee: EmployeeId) -> Result<Option<Document>, DatabaseError> {
    let row: Option<DocumentRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, employee_id, title, state, content_hash, size_bytes, pages, newest_revision, uploaded_at, changed_at
         FROM document WHERE id = $1 AND employee_id = $2"
    )
    .bind(id)
    .bind(employee)
    .fetch_optional(c))?;
    row.map(Document::try_from).transpose()
}

/// The employee's documents, newest first, older than a cursor.
pub async fn list(
    connection: &mut impl Connection,
    employee: EmployeeId,
    before: Option<DocumentId>,
    most: i64,
) -> Result<Vec<Document>, DatabaseError> {
    let before = before.unwrap_or_else(|| crate::platform::id::Id::from_uuid(uuid::Uuid::max()));
    let rows: Vec<DocumentRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, company_id, employee_id, title, state, content_hash, size_bytes, pages, newest_revision, uploaded_at, changed_at
         FROM document WHERE employee_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
    )
    .bind(employee)
    .bind(before)
    .bind(most)
    .fetch_all(c))?;
    rows.into_iter().map(Document::try_from).collect()
}

/// The bytes up to a revision, oldest increment first.
pub async fn increments(connection: &mut impl Connection, document: DocumentId, up_to: i64) -> Result<Vec<Vec<u8>>, DatabaseError> {
    fetch!(connection, |c| sqlx::query_scalar(
        "SELECT increment FROM document_revision WHERE document_id = $1 AND revision <= $2 ORDER BY revision"
    )
    .bind(document)
    .bind(up_to)
    .fetch_all(c))
}

pub async fn insert_signature(unit: &mut Unit, signature: &Signature) -> Result<(), DatabaseError> {
    execute!(
        unit,
        sqlx::query(
            "INSERT INTO signature (id, document_id, employee_id, certificate_id, revision, reason, place, state, challenge_id, approval_id,
                                    asked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        )
        .bind(signature.id)
        .bind(signature.document)
        .bind(signature.employee)
        .bind(signature.certificate)
        .bind(signature.revision)
        .bind(&signature.plan.reason)
        .bind(&signature.plan.place)
        .bind(signature.state.word())
        .bind(signature.challenge)
        .bind(signature.approval)
        .bind(signature.asked_at)
    )
    .map(drop)
}

pub async fn find_signature(
    connection: &mut impl Connection,
    id: SignatureId,
    document: DocumentId,
    employee: EmployeeId,
) -> Result<Option<Signature>, DatabaseError> {
    let row: Option<SignatureRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, document_id, employee_id, certificate_id, revision, reason, place, state, challenge_id, approval_id, asked_at,
                signed_at, moved_at
         FROM signature WHERE id = $1 AND document_id = $2 AND employee_id = $3"
    )
    .bind(id)
    .bind(document)
    .bind(employee)
    .fetch_optional(c))?;
    row.map(Signature::try_from).transpose()
}

pub async fn signatures(connection: &mut impl Connection, document: DocumentId) -> Result<Vec<Signature>, DatabaseError> {
    let rows: Vec<SignatureRow> = fetch!(connection, |c| sqlx::query_as(
        "SELECT id, document_id, employee_id, certificate_id, revision, reason, place, state, challenge_id, approval_id, asked_at,
                signed_at, moved_at
         FROM signature WHERE document_id = $1 ORDER BY id"
    )
    .bind(document)
    .fetch_all(c))?;
    rows.into_iter().map(Signature::try_from).collect()
}

/// The signature stands in its revision; the prepared one is no longer needed.
pub async fn embed(unit: &mut Unit, id: SignatureId, stamped_by: &str) -> Result<bool, DatabaseError> {
    let now = unit.now();
    let stored = execute!(
        unit,
        sqlx::query(
            "UPDATE signature SET state = 'embedded', prepared = NULL, value = NULL, signed_at = $1, stamped_by = $2, moved_at = $1
             WHERE id = $3 AND state = 'signed'"
        )
        .bind(now)
        .bind(stamped_by)
        .bind(id)
    )?;
    Ok(stored == 1)
}
