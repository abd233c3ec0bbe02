//! A company says on what ground it takes CPR numbers, or takes none any more: then all of them are forgotten.

use super::{CprError, store};
use crate::{
    audit,
    platform::{actor::Author, database::Unit, fault::FieldFault, id::CompanyId, text},
};

/// The longest ground, characters.
const LONGEST: usize = 300;

/// Takes CPR numbers from now on.
///
/// # Errors
/// [`CprError::Invalid`] without a ground; [`CprError::AlreadyDone`].
pub async fn subscribe(unit: &mut Unit, company: CompanyId, ground: &str, author: Author) -> Result<(), CprError> {
    let ground = text::line(ground, LONGEST).map_err(|fault| CprError::Invalid(vec![FieldFault::text("ground", fault)]))?;
    if !store::subscribe(unit, company, &ground, &author.to_string()).await? {
        return Err(CprError::AlreadyDone);
    }
    let event = audit::Event::new("cpr.subscribed", author, format_args!("company:{company}")).company(company);
    Ok(audit::record(unit, event.fact("ground", ground)).await?)
}

/// Takes none any more, and forgets those that it has. Gives how many.
///
/// # Errors
/// [`CprError::AlreadyDone`] when it took none.
pub async fn unsubscribe(unit: &mut Unit, company: CompanyId, author: Author) -> Result<u64, CprError> {
    if !store::unsubscribe(unit, company).await? {
        return Err(CprError::AlreadyDone);
    }
    let forgotten = store::forget_all(unit, company).await?;
    let event = audit::Event::new("cpr.unsubscribed", author, format_args!("company:{company}")).company(company);
    audit::record(unit, event.fact("forgotten", forgotten)).await?;
    Ok(forgotten)
}
