//! More time: a new payload with the same number takes the place of the old one, up to ten times. Any node may give it, and it names a release key of
//! that moment; what a phone releases for a new password still goes to the process that asked, which alone holds the password: another node
//! gives no more time than that process's key has left.

use time::Duration;

use super::{
    ApprovalError,
    ask::subject,
    model::State,
    prepare::{LIFETIME_SECONDS, is_of_one_process, sign, unix_ms},
    release,
    store::{self, Later, Row},
};
use crate::{
    audit,
    phones::Phone,
    platform::{
        actor::Author,
        ground::Ground,
        id::{AccountId, ApprovalId, Id as _, PhoneId},
        random,
    },
};

/// Gives the person more time, as the phone asks. Gives the id of the request that waits from now on.
///
/// # Errors
/// [`ApprovalError::NotFound`] for somebody else's, [`ApprovalError::Gone`] for what waits no more,
/// [`ApprovalError::ExtendedEnough`] after ten times.
pub async fn extend(ground: &Ground, phone: &Phone, id: ApprovalId) -> Result<ApprovalId, ApprovalError> {
    let row = store::approval(&mut ground.database.read().await?, id).await?;
    let row = row.filter(|row| row.account_id == phone.account).ok_or(ApprovalError::NotFound)?;
    extend_row(ground, &row, Some(phone.id)).await
}

/// Gives the person more time, as the page asks that began the request. Gives the id of the request that waits from now on.
///
/// # Errors
/// As [`extend`].
pub async fn extend_own(ground: &Ground, account: AccountId, root: ApprovalId) -> Result<ApprovalId, ApprovalError> {
    let row = store::newest(&mut ground.database.read().await?, root).await?;
    let row = row.filter(|row| row.account_id == account).ok_or(ApprovalError::NotFound)?;
    extend_row(ground, &row, None).await
}

async fn extend_row(ground: &Ground, row: &Row, phone: Option<PhoneId>) -> Result<ApprovalId, ApprovalError> {
    let mut reader = ground.database.read().await?;
    let (id, account) = (row.id, row.account_id);
    let seconds = store::limit(&mut reader, row.account_id).await?.unwrap_or(LIFETIME_SECONDS);
    drop(reader);
    let now = ground.clock().now();
    if row.state()?.at(now, row.expires_at) != State::Waiting {
        return Err(ApprovalError::Gone);
    }
    if row.extended >= i64::from(keycard::payload::EXTENSIONS) {
        return Err(ApprovalError::ExtendedEnough);
    }
    let later_id = ApprovalId::fresh(now, ground.random());
    let mut expires_at = now.plus(Duration::seconds(seconds));
    let mut parts = row.payload()?.parts().clone();
    parts.id = keycard::ApprovalId(*later_id.uuid().as_bytes());
    if let Some(to) = parts.release_key {
        // The key of the process that gives the time, since the one that asked may be gone, and its key with the hour.
        if !is_of_one_process(parts.purpose) || release::is_here(ground, to) {
            parts.release_key = Some(release::name(ground, expires_at).await?);
        } else {
            // Only the process that asked can name its next key.
            let until = release::named_elsewhere_until(ground, to).await?.filter(|until| now < *until);
            expires_at = expires_at.min(until.ok_or(ApprovalError::ExtendedEnough)?);
        }
    }
    parts.nonce = random::bytes(ground.random());
    parts.issued_ms = unix_ms(now);
    parts.expires_ms = unix_ms(expires_at);
    let payload = sign(ground, parts).await?;
    let later = Later { id: later_id, payload, issued_at: now, expires_at };
    ground
        .database
        .write(async |unit| {
            let slot = store::end_extended(unit, id).await?.ok_or(ApprovalError::Gone)?;
            store::insert_later(unit, row, &later, slot).await?;
            let event = audit::Event::new("approval.extended", Author::Account(account), subject(later.id)).fact("from", id);
            let event = phone.into_iter().fold(event, |event, phone| event.fact("phone", phone));
            Ok::<_, ApprovalError>(audit::record(unit, event).await?)
        })
        .await?;
    Ok(later_id)
}
