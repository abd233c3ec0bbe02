//! How a phone is woken: kept sealed, since whoever has it could wake the phone, and opened for whoever sends the wake-up.

use keycard::wire::{TO_PHONE_BYTES, Wake};
use zeroize::Zeroizing;

use super::{Phone, PhoneError, model::subject, store};
use crate::{
    audit,
    platform::{actor::Author, ground::Ground, id::PhoneId},
};

fn context(phone: PhoneId) -> Vec<u8> {
    format!("phones/wake/v1|{phone}").into_bytes()
}

/// Keeps how a phone is woken, in place of what was kept.
///
/// # Errors
/// [`PhoneError::Gone`] when the phone was ended meanwhile.
pub async fn keep_wake(ground: &Ground, phone: &Phone, wake: &Wake) -> Result<(), PhoneError> {
    let plain = Zeroizing::new(serde_json::to_vec(wake).map_err(|_| PhoneError::Unreadable("wake"))?);
    let id = phone.id;
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(&plain, &context(id))).await?;
    let kept = ground.database.write(async |unit| {
        if !store::keep_wake(unit, id, &sealed).await? {
            return Err(PhoneError::Gone);
        }
        Ok(audit::record(unit, audit::Event::new("phone.wake_kept", Author::Account(phone.account), subject(id))).await?)
    });
    kept.await
}

/// How a phone wants to be woken, if it said so.
///
/// # Errors
/// When keystore or database fail.
pub async fn wake_of(ground: &Ground, id: PhoneId) -> Result<Option<Wake>, PhoneError> {
    let sealed = store::wake(&mut ground.database.read().await?, id).await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let opened = ground.with_keystore(move |keystore| keystore.unwrap(&sealed, &context(id))).await?;
    keycard::wire::read(&opened, TO_PHONE_BYTES).map(Some).map_err(|_| PhoneError::Unreadable("wake"))
}
