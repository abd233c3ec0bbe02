//! Through whom this service wakes phones.

use keycard::wire::WakeOffered;

use super::{PushError, vapid};
use crate::platform::ground::Ground;

/// What a phone may register, and the key that its push server must know us by.
///
/// # Errors
/// When the keystore refuses.
pub async fn offered(ground: &Ground) -> Result<WakeOffered, PushError> {
    let push = &ground.config.push;
    let web_push = if push.web_push { Some(*vapid::public_key(ground).await?) } else { None };
    Ok(WakeOffered { apns: push.apns.is_some(), fcm: push.fcm.is_some(), web_push })
}
