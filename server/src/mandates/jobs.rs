//! The background edge: what waited long enough is done, what nobody decided in time lapses.

use super::{MandateError, lapse::lapse, let_pass::let_pass, store};
use crate::platform::ground::Ground;

/// Does what is due and ends what is too old. Gives how many.
///
/// # Errors
/// When the database fails. What cannot be done now is tried again next time.
pub async fn tend(ground: &Ground) -> Result<u64, MandateError> {
    let now = ground.clock().now();
    let mut reader = ground.database.read().await?;
    let (due, overdue) = (store::due(&mut reader, now).await?, store::overdue(&mut reader, now).await?);
    drop(reader);
    let mut ended = 0;
    for mandate in overdue {
        ended += u64::from(lapse(ground, &mandate).await?);
    }
    for mandate in due.iter().filter(|mandate| mandate.is_open(now)) {
        match let_pass(ground, mandate).await {
            Ok(did) => ended += u64::from(did),
            Err(error) if error.is_final() => ended += u64::from(lapse(ground, mandate).await?),
            Err(error) => tracing::error!(mandate = %mandate.id, %error, "a change that has waited is not done yet"),
        }
    }
    Ok(ended)
}
