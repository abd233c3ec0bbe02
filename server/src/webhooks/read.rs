//! Questions about webhooks.

use super::{Delivery, Webhook, store};
use crate::platform::{
    cursor::{Cursor, Listing},
    database::{Connection, DatabaseError},
    id::{CompanyId, Id as _, WebhookDeliveryId, WebhookId},
    limits,
};

/// The company's addresses, the oldest first: at most a few.
///
/// # Errors
/// When the database fails.
pub async fn webhooks(connection: &mut impl Connection, company: CompanyId) -> Result<Vec<Webhook>, DatabaseError> {
    store::webhooks(connection, company).await
}

/// One of the company's addresses.
///
/// # Errors
/// When the database fails.
pub async fn webhook(connection: &mut impl Connection, company: CompanyId, id: WebhookId) -> Result<Option<Webhook>, DatabaseError> {
    store::webhook(connection, company, id).await
}

/// How much waits at an address.
///
/// # Errors
/// When the database fails.
pub async fn waiting(connection: &mut impl Connection, id: WebhookId) -> Result<i64, DatabaseError> {
    store::count_waiting(connection, id).await
}

/// What was told at an address within a month, the newest first, from the cursor on.
///
/// # Errors
/// When the database fails.
pub async fn deliveries(connection: &mut impl Connection, webhook: WebhookId, after: &Cursor) -> Result<Listing<Delivery>, DatabaseError> {
    let before = if *after == Cursor::start() { uuid::Uuid::max() } else { after.id };
    let rows = store::deliveries(connection, webhook, WebhookDeliveryId::from_uuid(before), limits::PAGE_ROWS + 1).await?;
    Ok(Listing::cut(rows.into_iter().map(|row| (String::new(), row)).collect(), |row| row.id))
}
