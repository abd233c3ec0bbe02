//! Redeems a yes for a consent: one guarded change, so the same yes asked for fifty times at once is given once.

use super::{ApprovalError, ask::subject, model::REDEEMABLE, store};
use crate::{
    audit, phones,
    platform::{
        actor::Author,
        consent::{Consent, Purpose},
        database::Unit,
        id::{AccountId, ApprovalId},
    },
};

/// Turns the person's yes into a consent, once.
///
/// # Errors
/// [`ApprovalError::Gone`] when nobody said yes, it was redeemed already, too long ago, was about something else, or its phone was ended since.
pub async fn redeem(
    unit: &mut Unit,
    account: AccountId,
    root: ApprovalId,
    purpose: Purpose,
    binding: [u8; 32],
) -> Result<Consent, ApprovalError> {
    let since = unit.now().plus(-REDEEMABLE);
    let (redeemed, by) = store::redeem(unit, root, account, purpose, &binding, since).await?.ok_or(ApprovalError::Gone)?;
    let phones = phones::read::usable(unit, account).await?;
    if !phones.iter().any(|phone| Some(phone.id) == by) {
        return Err(ApprovalError::Gone);
    }
    let event = audit::Event::new("approval.redeemed", Author::Account(account), subject(redeemed)).fact("purpose", purpose.word());
    audit::record(unit, event).await?;
    Ok(Consent::redeemed(purpose, account, binding))
}
