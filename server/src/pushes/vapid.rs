//! Who we are to Web Push servers (RFC 8292): a key of the keystore, made on first need, and a claim for one server, good for twelve hours.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use certs::keystore::{Digest, KeyKind, KeyLabel, Keystore, KeystoreError};
use keycard::PublicKey;
use serde_json::json;
use tokio::sync::OnceCell;

use super::{PushError, jwt};
use crate::{phones::PhoneError, platform::ground::Ground};

const LABEL: &str = "push-vapid-1";
/// RFC 8292 section 2 allows a day.
const GOOD_FOR_SECONDS: i64 = 12 * 60 * 60;

#[derive(Default)]
struct Held(OnceCell<Arc<PublicKey>>);

/// The public half: phones name it to their push server, which then takes wake-ups from us alone.
///
/// # Errors
/// When the keystore refuses.
pub(super) async fn public_key(ground: &Ground) -> Result<Arc<PublicKey>, PushError> {
    let held = ground.kept.of::<Held>();
    held.0.get_or_try_init(async || Ok(Arc::new(ground.with_keystore(find).await?))).await.cloned()
}

fn find(keystore: &dyn Keystore) -> Result<PublicKey, PushError> {
    let label = KeyLabel::parse(LABEL)?;
    let found = match keystore.find(&label)? {
        Some(found) => found,
        None => match keystore.generate(&label, KeyKind::EcP256) {
            // Another node was faster.
            Err(KeystoreError::LabelTaken { label }) => keystore.find(&label)?.ok_or(KeystoreError::NoSuchKey { label })?,
            made => made?,
        },
    };
    Ok(PublicKey::from_spki("VAPID key", found.spki()).map_err(PhoneError::from)?)
}

/// The value of `Authorization` for a server (RFC 8292 section 3).
///
/// # Errors
/// When the keystore refuses.
pub(super) async fn authorization(ground: &Ground, origin: &str) -> Result<String, PushError> {
    let public = public_key(ground).await?;
    let contact = ground.config.push.contact.clone().unwrap_or_else(|| ground.config.server.origin().to_owned());
    let expires = ground.clock().now().millis() / 1000 + GOOD_FOR_SECONDS;
    let unsigned = jwt::unsigned(&json!({"typ": "JWT", "alg": "ES256"}), &json!({"aud": origin, "exp": expires, "sub": contact}));
    let label = KeyLabel::parse(LABEL)?;
    let (own, text) = (label.clone(), unsigned.clone());
    let der = ground.with_key(&label, move |keystore| keystore.sign(&own, &Digest::of(KeyKind::EcP256, text.as_bytes()))).await?;
    Ok(format!("vapid t={}, k={}", jwt::with_der(&unsigned, &der)?, URL_SAFE_NO_PAD.encode(public.sec1())))
}
