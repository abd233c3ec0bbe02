//! What nobody could consent to, and nobody refused, is done after its wait: judged again, as if it were asked for now.

use super::{
    MandateError, Wish, mails,
    model::Mandate,
    others::{holds, others},
    perform, store,
};
use crate::{
    audit,
    companies::{self, AdministratorPost},
    employees,
    platform::{actor::Author, ground::Ground},
};

const AUTHOR: Author = Author::System("mandates");

/// Does it. `false` when somebody was faster, or can consent by now: then it needs that.
///
/// # Errors
/// [`MandateError::AskerGone`], and those of the change itself; [`MandateError::is_final`] says whether it can ever be done.
pub(super) async fn let_pass(ground: &Ground, mandate: &Mandate) -> Result<bool, MandateError> {
    let wish = Wish::of(mandate)?;
    let asker = employees::read::of_account(&mut ground.database.read().await?, mandate.asked_by).await?;
    let asker = asker.ok_or(MandateError::AskerGone)?.id;
    let ready = perform::prepare(ground, mandate.company, &wish, asker).await?;
    let (company, employee) = mails::names(ground, mandate, &wish).await?;
    let about = mails::About { company: &company, asker: &mandate.asked_by_name, employee: employee.as_deref(), wish: &wish };
    let (told, to_approve) = (about.performed(ground).await?, about.to_approve(ground).await?);
    ground
        .database
        .write(async |unit| {
            companies::hold_open(unit, mandate.company).await?;
            if !holds(unit, (mandate.company, asker), AdministratorPost::Superadministrator).await? {
                return Err(MandateError::AskerGone);
            }
            let event = |action| audit::Event::new(action, AUTHOR, format_args!("mandate:{}", mandate.id)).company(mandate.company);
            let now = unit.now();
            let others = others(unit, (mandate.company, asker), &wish, now).await?;
            if !others.able.is_empty() {
                if store::stop_waiting(unit, mandate.id).await? {
                    audit::record(unit, event("mandate.needs_consent")).await?;
                    mails::tell(unit, &others.able, &to_approve).await?;
                }
                return Ok(false);
            }
            if !store::let_pass(unit, mandate.id).await? {
                return Ok(false);
            }
            perform::perform(unit, &ready, AUTHOR).await?;
            let event = event("mandate.performed").fact("asked_by", mandate.asked_by).fact("binding", hex::encode(mandate.binding()));
            audit::record(unit, event).await?;
            mails::tell(unit, &[asker], &told).await?;
            Ok(true)
        })
        .await
}
