//! Questions about contacts.

use time::Duration;

use super::store;
use crate::platform::{
    database::{Connection, DatabaseError, Reader},
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
async fn contact_since(connection: &mut impl Connection, recipient: RecipientId) -> Result<Option<Moment>, DatabaseError> {
    store::contact_since(connection, recipient).await
}

/// An address of before is told of weighty things for so long after it was changed: whoever changed it may be somebody else.
const FORMER_CONTACT: Duration = Duration::days(14);

/// Where somebody was told things until lately.
///
/// # Errors
/// When the database fails.
pub async fn former_contacts(reader: &mut Reader, recipient: RecipientId, now: Moment) -> Result<Vec<RecipientId>, DatabaseError> {
    store::formers(reader, recipient, now.plus(-FORMER_CONTACT)).await
}

/// Name and addresses that somebody was given after the activation receive no secret for so long: whoever changed them may be somebody else.
pub(super) const NEW_CONTACT: Duration = Duration::hours(72);

/// Whether somebody's name or addresses are too new to send a secret there.
///
/// # Errors
/// When the database fails.
pub async fn is_new_contact(
    connection: &mut impl Connection,
    recipient: RecipientId,
    activated_at: Option<Moment>,
    now: Moment,
) -> Result<bool, DatabaseError> {
    let since = contact_since(connection, recipient).await?;
    Ok(since.is_none_or(|since| activated_at.is_some_and(|at| since > at) && since > now.plus(-NEW_CONTACT)))
}
