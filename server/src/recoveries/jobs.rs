//! The background edge: the company's key follows its holders, and what nobody ended in time lapses.

use super::{RecoveryError, standing::entitled, store};
use crate::{
    archives, audit,
    platform::{actor::Author, ground::Ground},
};

/// Runs [`archives::jobs::SHARE`]: a new generation of the company's key, when its holders are others than before.
///
/// # Errors
/// When it should be tried again.
pub async fn share(ground: &Ground, payload: &str) -> anyhow::Result<()> {
    let archives::jobs::Share { company } = serde_json::from_str(payload)?;
    let holders = entitled(&mut ground.database.read().await?, company).await?;
    let holders: Vec<_> = holders.into_iter().map(|holder| holder.holder).collect();
    archives::share(ground, company, &holders).await?;
    Ok(())
}

/// Ends what is too old. Gives how many.
///
/// # Errors
/// When the database fails.
pub async fn lapse(ground: &Ground) -> Result<u64, RecoveryError> {
    ground
        .database
        .write(async |unit| {
            let lapsed = store::lapse(unit).await?;
            if lapsed > 0 {
                let event = audit::Event::new("recovery.lapsed", Author::System("recoveries"), "recoveries").fact("count", lapsed);
                audit::record(unit, event).await?;
            }
            Ok(lapsed)
        })
        .await
}
