//! Questions about contacts.

use super::store;
use crate::platform::{
    database::{DatabaseError, Reader},
    id::RecipientId,
    moment::Moment,
    words::Language,
};

/// In which language somebody is told things; none whom we do not know.
///
/// # Errors
/// When the database fails.
pub async fn language_of(reader: &mut Reader, recipient: RecipientId) -> Result<Option<Language>, DatabaseError> {
    Ok(store::contact(reader, recipient).await?.map(|contact| contact.language))
}

/// Since when somebody's name and addresses are what they are; none whom we do not know.
///
/// # Errors
/// When the database fails.
pub async fn contact_since(reader: &mut Reader, recipient: RecipientId) -> Result<Option<Moment>, DatabaseError> {
    store::contact_since(reader, recipient).await
}
