//! The background edge: administrators are told that a certificate which was imported for their company ends in 60, 30 or 7 days.

use super::{CompanyError, import, read};
use crate::{
    audit,
    certificates::imported::{self, Imported},
    notices::{self, Kind, Notice},
    platform::{actor::Author, ground::Ground},
};

const AUTHOR: Author = Author::System("companies");

/// Tells of each mark once. Whether anybody was told.
///
/// # Errors
/// When the database or the keystore fails; who was told by then is not told again.
pub async fn warn(ground: &Ground) -> anyhow::Result<bool> {
    let ending = imported::ending(&mut ground.database.read().await?, ground.clock().now()).await?;
    let mut told = false;
    for (found, days) in ending {
        told |= warn_of(ground, &found, days).await?;
    }
    Ok(told)
}

async fn warn_of(ground: &Ground, found: &Imported, days: i64) -> Result<bool, CompanyError> {
    let company = read::company(&mut ground.database.read().await?, found.company).await?.ok_or(CompanyError::NotFound)?;
    let notice = Notice::mail(Kind::ImportEnding)
        .with("company", &company.legal_name)
        .with("subject", &found.subject)
        .with("issuer", &found.issuer)
        .with("until", found.not_after);
    let sealed = notices::seal(ground, &notice).await?;
    ground
        .database
        .write(async |unit| -> Result<bool, CompanyError> {
            if !imported::note(unit, found, days).await? {
                return Ok(false);
            }
            import::tell(unit, found.company, &sealed).await?;
            let event = audit::Event::new("certificate.import_ending_told", AUTHOR, format_args!("certificate:{}", found.id));
            audit::record(unit, event.company(found.company).fact("days", days)).await?;
            Ok(true)
        })
        .await
}
