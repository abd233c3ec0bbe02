//! A signatory says no over the mailed link, once. The others are told, since the rule may be out of reach now; whoever registered the company
//! sees it and may ask again.

use super::{agreement, error::CompanyError, read, store};
use crate::{
    audit,
    notices::{self, Kind, Notice},
    platform::{actor::Author, ground::Ground, secret::token_hash},
};

/// Declines the agreement of a link.
///
/// # Errors
/// [`CompanyError::NotFound`]; those of [`agreement::check_open`].
pub async fn decline(ground: &Ground, link: &str) -> Result<(), CompanyError> {
    let found = read::signatory_by_link(&mut ground.database.read().await?, link).await?;
    let (signatory, company) = found.ok_or(CompanyError::NotFound)?;
    agreement::check_open(&signatory, &company, ground.clock().now())?;
    let notice = Notice::mail(Kind::AgreementDeclined).with("company", &company.legal_name).with("signatory", &signatory.name);
    let told = notices::seal(ground, &notice).await?;
    let hash = token_hash(link);
    ground
        .database
        .write(async |unit| -> Result<(), CompanyError> {
            if !store::claim_declining(unit, &hash).await? {
                return Err(CompanyError::AlreadyDeclined);
            }
            let event = audit::Event::new("agreement.declined", Author::Signatory(signatory.id), format_args!("company:{}", company.id))
                .company(company.id)
                .personal("signatory", &signatory.name);
            audit::record(unit, event).await?;
            for other in store::signatories(unit, company.id).await?.into_iter().filter(|other| other.id != signatory.id) {
                notices::tell(unit, other.id.into(), &told).await?;
            }
            Ok(())
        })
        .await
}
