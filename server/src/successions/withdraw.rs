//! Whoever has the address with which a takeover was requested takes it back by the link that went there: also when it was never theirs.

use super::{SuccessionError, SuccessionState, perform, read, store, told};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground, moment::Moment},
};

/// Whether it can be taken back now; else why not.
pub(super) fn check(found: &super::Succession, now: Moment) -> Result<(), SuccessionError> {
    if found.is_requested(now) || found.is_open(now) { Ok(()) } else { Err(SuccessionError::Ended { state: found.state }) }
}

/// Takes it back. Everybody concerned is told.
///
/// # Errors
/// [`SuccessionError::NotFound`], [`SuccessionError::Ended`].
pub async fn withdraw(ground: &Ground, link: &str) -> Result<(), SuccessionError> {
    ground
        .database
        .write(async |unit| {
            let (found, _) = read::by_own_link(unit, link).await?;
            check(&found, unit.now())?;
            let by = found.requested_by.ok_or(SuccessionError::NotFound)?;
            if !store::decide(unit, found.id, SuccessionState::Withdrawn, None).await? {
                return Err(SuccessionError::Ended { state: found.state });
            }
            let event = audit::Event::new("succession.withdrawn", Author::Signatory(by), format_args!("succession:{}", found.id));
            audit::record(unit, event.company(found.company)).await?;
            let concerned = perform::concerned(unit, found.company).await?;
            Ok(told::later(unit, found.id, concerned, told::What::Ended).await?)
        })
        .await
}
