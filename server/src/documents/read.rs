//! Questions about documents. Another's document is not found, whoever asks.

use super::{
    ask::Asked,
    error::DocumentError,
    model::{Document, Signature, SignatureState},
    store,
};
use crate::{
    keycards::{self, KeycardError},
    platform::{
        actor::Actor,
        database::{Connection, DatabaseError},
        id::{DocumentId, EmployeeId, SignatureId},
        limits,
        moment::Moment,
    },
};

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

/// A signature that was asked for and can still be given, with its document.
///
/// # Errors
/// [`DocumentError::NotFound`]; [`DocumentError::AlreadySigned`]; [`DocumentError::Outrun`] when another came first or it lapsed.
pub async fn asked(
    connection: &mut impl Connection,
    actor: &Actor,
    id: DocumentId,
    signature: SignatureId,
) -> Result<(Document, Signature), DocumentError> {
    let document = one(connection, actor, id).await?;
    let signature = store::find_signature(connection, signature, id, document.employee).await?.ok_or(DocumentError::NotFound)?;
    match signature.state {
        SignatureState::Asked if signature.revision == document.newest_revision => Ok((document, signature)),
        SignatureState::Embedded => Err(DocumentError::AlreadySigned),
        SignatureState::Asked | SignatureState::Digested | SignatureState::Lapsed | SignatureState::Signed => Err(DocumentError::Outrun),
    }
}

/// The question of a signature that still waits for its answer, with its document.
///
/// # Errors
/// As [`asked`]; [`KeycardError::Gone`] when the question was replaced or waited too long.
pub async fn question(
    connection: &mut impl Connection,
    actor: &Actor,
    id: DocumentId,
    signature: SignatureId,
    now: Moment,
) -> Result<(Document, Asked), DocumentError> {
    let (document, signature) = asked(connection, actor, id, signature).await?;
    let challenge = signature.challenge.ok_or(DocumentError::Outrun)?;
    let question = keycards::read::question(connection, challenge, now).await?.ok_or(KeycardError::Gone)?;
    Ok((document, Asked { signature: signature.id, question }))
}

/// The signatures of a document.
///
/// # Errors
/// When the database fails.
pub async fn signatures(connection: &mut impl Connection, document: &Document) -> Result<Vec<Signature>, DatabaseError> {
    store::signatures(connection, document.id).await
}
