//! A new epoch begins, since a backup was restored: nobody is logged in, no API key works.

use super::store;
use crate::{
    audit,
    platform::{
        actor::Author,
        database::{DatabaseError, Unit},
    },
};

/// Ends every session, log-in and API key. Gives how many sessions and keys.
///
/// # Errors
/// When the database fails.
pub async fn begin_epoch(unit: &mut Unit) -> Result<u64, DatabaseError> {
    let [sessions, logins, tokens] = store::end_everything(unit).await?;
    let event = audit::Event::new("epoch.sessions_ended", Author::System("restore"), "epoch");
    audit::record(unit, event.fact("sessions", sessions).fact("logins", logins).fact("api_tokens", tokens)).await?;
    Ok(sessions + tokens)
}
