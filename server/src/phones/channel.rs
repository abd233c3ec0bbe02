//! How a phone is woken: kept sealed, since whoever has it could wake the phone, and opened for whoever sends the wake-up.
//!
//! Kept is only what the service offers, and of Web Push only an https:// address of a server outside (`platform::outgoing`). What a push server
//! calls gone is forgotten, unless the phone has registered anew meanwhile.

use keycard::wire::{TO_PHONE_BYTES, Wake};
use zeroize::Zeroizing;

use super::{Phone, PhoneError, model::subject, store};
use crate::{
    audit,
    config::Push,
    platform::{actor::Author, fault::FieldFault, ground::Ground, id::PhoneId, outgoing::Target},
};

fn context(phone: PhoneId) -> Vec<u8> {
    format!("phones/wake/v1|{phone}").into_bytes()
}

/// How a phone wants to be woken, and the row's own bytes of it.
pub struct KeptWake {
    /// What it registered.
    pub wake: Wake,
    sealed: Vec<u8>,
}

/// Keeps how a phone is woken, in place of what was kept.
///
/// # Errors
/// [`PhoneError::Gone`] when the phone was ended meanwhile; [`PhoneError::Invalid`] for an address that may not be spoken to;
/// [`PhoneError::WakeNotOffered`] for a way that this service does not offer.
pub async fn keep_wake(ground: &Ground, phone: &Phone, wake: &Wake) -> Result<(), PhoneError> {
    require_offered(&ground.config.push, wake)?;
    let id = phone.id;
    let sealed = if *wake == Wake::None {
        None
    } else {
        let plain = Zeroizing::new(serde_json::to_vec(wake).map_err(|_| PhoneError::Unreadable("wake"))?);
        Some(ground.with_keystore(move |keystore| keystore.wrap(&plain, &context(id))).await?)
    };
    let kept = ground.database.write(async |unit| {
        if !store::secrets::keep_wake(unit, id, sealed.as_deref()).await? {
            return Err(PhoneError::Gone);
        }
        Ok(audit::record(unit, audit::Event::new("phone.wake_kept", Author::Account(phone.account), subject(id))).await?)
    });
    kept.await
}

fn require_offered(push: &Push, wake: &Wake) -> Result<(), PhoneError> {
    let offered = match wake {
        Wake::Apns { token } => {
            let is_token = token.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()) && token.as_str().len() >= 64;
            if push.apns.is_some() && !is_token {
                return Err(PhoneError::Invalid(vec![FieldFault::new("token", "field_push_token")]));
            }
            push.apns.is_some()
        }
        Wake::Fcm { .. } => push.fcm.is_some(),
        Wake::None => true,
        Wake::WebPush { endpoint, .. } => {
            if push.web_push && Target::parse(endpoint.as_str(), push.inside).is_err() {
                return Err(PhoneError::Invalid(vec![FieldFault::new("endpoint", "field_push_address")]));
            }
            push.web_push
        }
    };
    if offered { Ok(()) } else { Err(PhoneError::WakeNotOffered) }
}

/// How a phone wants to be woken, if it said so.
///
/// # Errors
/// When keystore or database fail.
pub async fn wake_of(ground: &Ground, id: PhoneId) -> Result<Option<KeptWake>, PhoneError> {
    let sealed = store::secrets::wake(&mut ground.database.read().await?, id).await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let closed = sealed.clone();
    let opened = ground.with_keystore(move |keystore| keystore.unwrap(&closed, &context(id))).await?;
    let wake = keycard::wire::read(&opened, TO_PHONE_BYTES).map_err(|_| PhoneError::Unreadable("wake"))?;
    Ok(Some(KeptWake { wake, sealed }))
}

/// Forgets a way that leads nowhere, unless another was registered meanwhile.
///
/// # Errors
/// When the database fails.
pub async fn forget_wake(ground: &Ground, id: PhoneId, kept: &KeptWake) -> Result<(), PhoneError> {
    ground
        .database
        .write(async |unit| {
            if store::secrets::forget_wake(unit, id, &kept.sealed).await? {
                audit::record(unit, audit::Event::new("phone.wake_forgotten", Author::System("pushes"), subject(id))).await?;
            }
            Ok(())
        })
        .await
}
