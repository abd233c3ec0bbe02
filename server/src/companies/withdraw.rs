//! An operator takes back an order that is not signed yet: its links are dead at once. A new link to a signatory lets it go on.

use super::{error::CompanyError, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, id::CompanyId},
};

/// Takes the order of a company back.
///
/// # Errors
/// [`CompanyError::NotFound`], [`CompanyError::AgreementStands`], [`CompanyError::OrderWithdrawn`] when it was before.
pub async fn withdraw(unit: &mut Unit, company: CompanyId, author: Author) -> Result<(), CompanyError> {
    let found = store::company(unit, company).await?.ok_or(CompanyError::NotFound)?;
    if !store::withdraw_order(unit, company).await? {
        return Err(if found.pending <= 0 { CompanyError::AgreementStands } else { CompanyError::OrderWithdrawn });
    }
    store::end_links(unit, company).await?;
    let event = audit::Event::new("order.withdrawn", author, format_args!("company:{company}")).company(company);
    audit::record(unit, event.fact("pending", found.pending)).await?;
    Ok(())
}
