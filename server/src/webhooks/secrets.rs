//! The secret of an address: drawn, sealed, opened for each post, and what it signs (Standard Webhooks 1.0).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::WebhookError;
use crate::platform::{
    ground::Ground,
    id::{Id as _, WebhookDeliveryId, WebhookId},
    moment::Moment,
    random,
    secret::Secret,
};

/// How a secret begins.
const PREFIX: &str = "whsec_";

/// A fresh secret, sealed; and as it is shown, once.
pub(super) struct Drawn {
    pub sealed: Vec<u8>,
    pub shown: Secret<String>,
}

/// Draws a secret of 256 bits.
pub(super) async fn draw(ground: &Ground, webhook: WebhookId) -> Result<Drawn, WebhookError> {
    let secret = Zeroizing::new(random::bytes::<32>(ground.random()));
    let shown = Secret::new(format!("{PREFIX}{}", STANDARD.encode(secret.as_slice())));
    let sealed = ground.with_keystore(move |keystore| keystore.wrap(secret.as_slice(), &context(webhook))).await?;
    Ok(Drawn { sealed, shown })
}

/// Opens sealed secrets, in their order.
pub(super) async fn open(ground: &Ground, webhook: WebhookId, sealed: Vec<Vec<u8>>) -> Result<Vec<Zeroizing<Vec<u8>>>, WebhookError> {
    let bound = context(webhook);
    let opened = ground
        .with_keystore(move |keystore| sealed.iter().map(|sealed| keystore.unwrap(sealed, &bound)).collect::<Result<Vec<_>, _>>())
        .await?;
    Ok(opened)
}

fn context(webhook: WebhookId) -> Vec<u8> {
    format!("webhooks/secret/v1|{webhook}").into_bytes()
}

/// `webhook-id`: the same at every try.
pub(super) fn message_id(delivery: WebhookDeliveryId) -> String {
    format!("msg_{}", delivery.uuid().simple())
}

/// The headers of a post: a signature for each secret.
pub(super) fn headers(
    delivery: WebhookDeliveryId,
    now: Moment,
    body: &[u8],
    secrets: &[Zeroizing<Vec<u8>>],
) -> Vec<(&'static str, String)> {
    let (id, timestamp) = (message_id(delivery), (now.millis() / 1000).to_string());
    let signatures: Vec<String> = secrets.iter().filter_map(|secret| sign(secret, &id, &timestamp, body)).collect();
    vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "Segl-Webhooks/1".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signatures.join(" ")),
    ]
}

/// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. None never happens: a key of any length is taken.
fn sign(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The example of the Standard Webhooks libraries (github.com/standard-webhooks/standard-webhooks, `sign` of each language's tests).
    #[test]
    fn the_example_of_the_standard_comes_out() {
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b"{\"test\": 2432232314}").unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
