//! Questions about contacts.

use super::store;
use crate::platform::{
    database::{DatabaseError, Reader},
    id::RecipientId,
    words::Language,
};

/// In which language somebody is told things; none whom we do not know.
///
/// # Errors
/// When the database fails.
pub async fn language_of(reader: &mut Reader, recipient: RecipientId) -> Result<Option<Language>, DatabaseError> {
    Ok(store::contact(reader, recipient).await?.map(|contact| contact.language))
}
