//! A longer limit of one's own, for those who need more time for every request.

use keycard::payload::LONGEST_LIFETIME_MS;

use super::{ApprovalError, prepare::LIFETIME_SECONDS, store};
use crate::{
    audit,
    platform::{actor::Actor, database::Unit},
};

/// The longest, as the phones' protocol has it.
const LONGEST_SECONDS: i64 = (LONGEST_LIFETIME_MS / 1000) as i64;

/// Sets how long the person's requests wait: two to ten minutes.
///
/// # Errors
/// [`ApprovalError::Limit`] for anything else.
pub async fn set_limit(unit: &mut Unit, actor: &Actor, seconds: i64) -> Result<(), ApprovalError> {
    if !(LIFETIME_SECONDS..=LONGEST_SECONDS).contains(&seconds) {
        return Err(ApprovalError::Limit);
    }
    store::set_limit(unit, actor.account, seconds).await?;
    let event = audit::Event::new("approval.limit_set", actor.author(), format!("account:{}", actor.account));
    Ok(audit::record(unit, event.fact("seconds", seconds)).await?)
}
