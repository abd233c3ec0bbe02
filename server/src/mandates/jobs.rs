//! The background edge: what nobody decided in time lapses.

use super::{MandateError, store};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground},
};

/// Ends what is too old. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn lapse(ground: &Ground) -> Result<u64, MandateError> {
    ground
        .database
        .write(async |unit| {
            let lapsed = store::lapse(unit).await?;
            if lapsed > 0 {
                let event = audit::Event::new("mandate.lapsed", Author::System("mandates"), "mandates").fact("count", lapsed);
                audit::record(unit, event).await?;
            }
            Ok(lapsed)
        })
        .await
}
