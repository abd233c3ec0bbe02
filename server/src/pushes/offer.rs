//! Through whom this service wakes phones.

use keycard::wire::WakeOffered;

use super::{PushError, vapid};
use crate::{
    phones::{self, Phone},
    platform::ground::Ground,
};

/// What this phone may register, the key that its push server must know us by, and whether its address is kept.
///
/// # Errors
/// When keystore or database fail.
pub async fn offered(ground: &Ground, phone: &Phone) -> Result<WakeOffered, PushError> {
    let mut reader = ground.database.read().await.map_err(phones::PhoneError::from)?;
    let kept = phones::read::wakeable(&mut reader, phone.account).await.map_err(phones::PhoneError::from)?.contains(&phone.id);
    drop(reader);
    let push = &ground.config.push;
    let web_push = if push.web_push { Some(*vapid::public_key(ground).await?) } else { None };
    Ok(WakeOffered { apns: push.apns.is_some(), fcm: push.fcm.is_some(), web_push, kept: Some(kept) })
}
