//! What nobody decided in time is over: whoever asked and those who could have consented are told.

use super::{MandateError, Wish, mails, model::Mandate, others::others, store};
use crate::{
    audit, employees,
    platform::{actor::Author, ground::Ground, id::CompanyId},
};

/// Ends one that was not decided. Of two at once, one does: `false` for the other.
///
/// # Errors
/// When the database or the keystore fails.
pub(super) async fn lapse(ground: &Ground, mandate: &Mandate) -> Result<bool, MandateError> {
    let wish = Wish::of(mandate)?;
    let (company, employee) = mails::names(ground, mandate, &wish).await?;
    let about = mails::About { company: &company, asker: &mandate.asked_by_name, employee: employee.as_deref(), wish: &wish };
    let told = about.lapsed(ground).await?;
    ground
        .database
        .write(async |unit| {
            if !store::lapse(unit, mandate.id).await? {
                return Ok(false);
            }
            let event = audit::Event::new("mandate.lapsed", Author::System("mandates"), format_args!("mandate:{}", mandate.id))
                .company(mandate.company)
                .fact("asked_by", mandate.asked_by);
            audit::record(unit, event).await?;
            let Some(asker) = employees::read::of_account(unit, mandate.asked_by).await? else { return Ok(true) };
            mails::tell(unit, &[asker.id], &told).await?;
            let now = unit.now();
            let others = others(unit, (mandate.company, asker.id), &wish, now).await?;
            mails::tell(unit, &others.able, &told).await?;
            Ok(true)
        })
        .await
}

/// Ends the one of a company whose time is over, so that another can be asked for.
///
/// # Errors
/// When the database or the keystore fails.
pub(super) async fn of_company(ground: &Ground, company: CompanyId) -> Result<(), MandateError> {
    let found = store::undecided(&mut ground.database.read().await?, company).await?;
    if let Some(mandate) = found.filter(|mandate| !mandate.is_open(ground.clock().now())) {
        lapse(ground, &mandate).await?;
    }
    Ok(())
}
