//! What could not be delivered to somebody, and can be sent again within two weeks: the relay refused it for good, or there was no address.

use super::{error::LetterError, jobs, model::Kind, store};
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{Connection, DatabaseError, Unit},
        id::{MessageId, RecipientId},
        moment::Moment,
        queue,
        words::Words,
    },
};

/// So much is listed beside one person.
const MOST: i64 = 20;

/// A message that could not be delivered. What it says is not shown.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Undelivered {
    /// Its id.
    pub id: MessageId,
    /// What it tells: its subject, where values stand left out.
    pub subject: String,
    /// When it was told.
    pub told_at: Moment,
}

/// What could not be delivered to somebody, newest first.
///
/// # Errors
/// When the database fails.
pub async fn undelivered(
    connection: &mut impl Connection,
    recipient: RecipientId,
    words: Words,
) -> Result<Vec<Undelivered>, DatabaseError> {
    let rows = store::undelivered(connection, recipient, MOST).await?;
    let told = |(id, kind, told_at): (MessageId, String, Moment)| {
        let kind = Kind::of(&kind)?;
        Some(Undelivered { id, subject: headline(kind, words), told_at })
    };
    Ok(rows.into_iter().filter_map(told).collect())
}

/// Of these recipients, those to whom something could not be delivered and can be sent again.
///
/// # Errors
/// When the database fails.
pub async fn undelivered_among(connection: &mut impl Connection, recipients: &[RecipientId]) -> Result<Vec<RecipientId>, DatabaseError> {
    if recipients.is_empty() { Ok(Vec::new()) } else { store::undelivered_among(connection, recipients).await }
}

/// The subject of a kind, with dots for what a message fills in.
fn headline(kind: Kind, words: Words) -> String {
    let dots: Vec<_> = kind.needs().iter().map(|name| (*name, "\u{2026}")).collect();
    words.with(&format!("notices.{}_subject", kind.word()), &dots)
}

/// Sends a message again, to where its recipient is told things now.
///
/// # Errors
/// [`LetterError::NotFound`] for one that is not this recipient's, was delivered, or is too old.
pub async fn send_again(unit: &mut Unit, recipient: RecipientId, message: MessageId, author: Author) -> Result<(), LetterError> {
    if !store::wait_again(unit, recipient, message).await? {
        return Err(LetterError::NotFound);
    }
    let now = unit.now();
    queue::enqueue(unit, jobs::SEND, &jobs::Payload { message }, now).await?;
    audit::record(unit, audit::Event::new("message.sent_again", author, format!("message:{message}"))).await?;
    Ok(())
}
