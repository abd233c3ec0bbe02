//! Questions about documents. Another's document is not found, whoever asks.

use super::{
    error::DocumentError,
    model::{Document, Signature},
    store,
};
use crate::platform::{actor::Actor, database::Connection, database::DatabaseError, id::DocumentId, id::EmployeeId, limits};

/// The employee that an actor acts as.
///
/// # Errors
/// [`DocumentError::NotFound`] for those who are none.
pub fn employee_of(actor: &Actor) -> Result<EmployeeId, DocumentError> {
    actor.employee.ok_or(DocumentError::NotFound)
}

/// One of the actor's own documents.
///
/// # Errors
/// [`DocumentError::NotFound`].
pub async fn one(connection: &mut impl Connection, actor: &Actor, id: DocumentId) -> Result<Document, DocumentError> {
    store::find(connection, id, employee_of(actor)?).await?.ok_or(DocumentError::NotFound)
}

/// A page of the actor's own documents, newest first, and the cursor of the next page.
///
/// # Errors
/// When the database fails.
pub async fn list(
    connection: &mut impl Connection,
    actor: &Actor,
    before: Option<DocumentId>,
) -> Result<(Vec<Document>, Option<DocumentId>), DocumentError> {
    let mut documents = store::list(connection, employee_of(actor)?, before, limits::PAGE_ROWS + 1).await?;
    let more = documents.len() > usize::try_from(limits::PAGE_ROWS).unwrap_or(usize::MAX);
    if more {
        documents.pop();
    }
    let next = if more { documents.last().map(|document| document.id) } else { None };
    Ok((documents, next))
}

/// The newest bytes of a document.
///
/// # Errors
/// When the database fails.
pub async fn bytes(connection: &mut impl Connection, document: &Document) -> Result<Vec<u8>, DatabaseError> {
    Ok(store::increments(connection, document.id, document.newest_revision).await?.concat())
}

/// The signatures of a document.
///
/// # Errors
/// When the database fails.
pub async fn signatures(connection: &mut impl Connection, document: &Document) -> Result<Vec<Signature>, DatabaseError> {
    store::signatures(connection, document.id).await
}
