//! Apple's service: HTTP/2, and claims signed by the developer's key, renewed before they are an hour old and not more often than every 20 minutes.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt as _, future::LocalBoxFuture};
use serde_json::{Value, json};
use time::Duration;

use super::{Look, Outcome, Push, PushError, jwt, model::LOOK};
use crate::{
    config,
    platform::{ground::Ground, moment::Moment, outgoing::Outgoing, outgoing::Target},
};

/// Apple refuses claims that are older than an hour, and those who renew them more than once in 20 minutes.
const RENEWED_AFTER: Duration = Duration::minutes(40);

#[derive(Default)]
struct Held(Mutex<Option<(Moment, String)>>);

/// A phone behind Apple's service.
pub(super) struct Apns {
    pub service: config::Apns,
    pub device: String,
    pub outgoing: Arc<Outgoing>,
}

impl Push for Apns {
    fn push<'a>(&'a self, ground: &'a Ground, look: Look) -> LocalBoxFuture<'a, Result<Outcome, PushError>> {
        async move {
            let now = ground.clock().now();
            let headers = [
                ("authorization", format!("bearer {}", claims(ground, &self.service)?)),
                ("apns-topic", self.service.topic.clone()),
                // An alert: what runs in the background only, Apple delays at will. Its words are the app's own, under the key "look".
                ("apns-push-type", "alert".to_owned()),
                ("apns-priority", "10".to_owned()),
                ("apns-expiration", (look.until.millis() / 1000).to_string()),
                ("apns-collapse-id", LOOK.to_owned()),
            ];
            let body = json!({"aps": {"alert": {"loc-key": LOOK}, "sound": "default"}}).to_string().into_bytes();
            let answer = self.outgoing.post(&self.target()?, &headers, body).await?;
            let reason = serde_json::from_slice::<Value>(&answer.body).ok();
            let reason = reason.as_ref().and_then(|body| body.get("reason")?.as_str()).unwrap_or("");
            Ok(match (answer.status, reason) {
                (200, _) => Outcome::Sent,
                (410, _) | (400, "BadDeviceToken" | "DeviceTokenNotForTopic") => Outcome::Gone,
                (403, "ExpiredProviderToken") => {
                    *ground.kept.of::<Held>().0.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    Outcome::Later { after: Duration::SECOND }
                }
                _ => Outcome::of(&answer, now),
            })
        }
        .boxed_local()
    }
}

impl Apns {
    fn target(&self) -> Result<Target, PushError> {
        Ok(self.service.url.at(&format!("/3/device/{}", self.device))?)
    }
}

fn claims(ground: &Ground, service: &config::Apns) -> Result<String, PushError> {
    let held = ground.kept.of::<Held>();
    let now = ground.clock().now();
    let mut held = held.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((made, claims)) = &*held
        && now.since(*made) < RENEWED_AFTER
        && now >= *made
    {
        return Ok(claims.clone());
    }
    let head = json!({"alg": "ES256", "kid": service.key_id});
    let made = jwt::sign(&service.key, &head, &json!({"iss": service.team_id, "iat": now.millis() / 1000}))?;
    *held = Some((now, made.clone()));
    Ok(made)
}
