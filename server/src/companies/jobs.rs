//! The background edge: administrators are told that a certificate of their company itself, ordered here or imported, ends in 60, 30 or 7 days.

use super::{CompanyError, import, read};
use crate::{
    audit,
    certificates::{
        ending::{self, CompanyEnding},
        imported::{self, Imported},
    },
    notices::{self, Kind, Notice},
    platform::{actor::Author, ground::Ground},
};

const AUTHOR: Author = Author::System("companies");

/// Tells of each mark once. Whether anybody was told.
///
/// # Errors
/// When the database or the keystore fails; who was told by then is not told again.
pub async fn warn(ground: &Ground) -> anyhow::Result<bool> {
    let (mut reader, now) = (ground.database.read().await?, ground.clock().now());
    let imports = imported::ending(&mut reader, now).await?;
    let own = ending::untold_of_companies(&mut reader, now).await?;
    drop(reader);
    let mut told = false;
    for (found, days) in imports {
        told |= warn_of(ground, &found, days).await?;
    }
    for ending in own {
        told |= warn_of_own(ground, &ending).await?;
    }
    Ok(told)
}

async fn warn_of_own(ground: &Ground, ending: &CompanyEnding) -> Result<bool, CompanyError> {
    let company = read::company(&mut ground.database.read().await?, ending.company).await?.ok_or(CompanyError::NotFound)?;
    let notice = Notice::mail(Kind::CompanyCertificateEnding)
        .with("company", &company.legal_name)
        .with("subject", &ending.subject)
        .with("until", ending.not_after);
    let sealed = notices::seal(ground, &notice).await?;
    ground
        .database
        .write(async |unit| -> Result<bool, CompanyError> {
            if !ending::note_of_company(unit, ending).await? {
                return Ok(false);
            }
            import::tell(unit, ending.company, &sealed).await?;
            let subject = format_args!("certificate:{}", ending.certificate);
            let event = audit::Event::new("certificate.company_ending_told", AUTHOR, subject);
            audit::record(unit, event.company(ending.company).fact("days", ending.days)).await?;
            Ok(true)
        })
        .await
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
