//! Google's service (FCM HTTP v1): a service account's assertion buys a token (RFC 7523), which is kept in memory until shortly before its end.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{FutureExt as _, future::LocalBoxFuture};
use serde_json::{Value, json};
use time::Duration;

use super::{Look, Outcome, Push, PushError, jwt, model::LOOK};
use crate::{
    config,
    platform::{ground::Ground, moment::Moment, outgoing::Outgoing, secret::Secret},
};

const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// A token is not used in its last minute.
const SPARE: Duration = Duration::MINUTE;

#[derive(Default)]
struct Held(Mutex<Option<(Moment, Arc<Secret<String>>)>>);

/// A phone behind Google's service.
pub(super) struct Fcm {
    pub service: config::Fcm,
    pub device: String,
    pub outgoing: Arc<Outgoing>,
}

#[derive(serde::Deserialize)]
struct Granted {
    access_token: Secret<String>,
    expires_in: u32,
}

impl Push for Fcm {
    fn push<'a>(&'a self, ground: &'a Ground, look: Look) -> LocalBoxFuture<'a, Result<Outcome, PushError>> {
        async move {
            let now = ground.clock().now();
            let token = match self.token(ground).await? {
                Bought::Given(token) => token,
                Bought::NotNow(outcome) => return Ok(outcome),
            };
            let android = json!({"priority": "HIGH", "ttl": format!("{}s", look.seconds(now)), "collapse_key": LOOK});
            let message = json!({"message": {"token": self.device, "data": {"event": LOOK}, "android": android}});
            let headers =
                [("authorization", format!("Bearer {}", token.reveal())), ("content-type", "application/json; charset=utf-8".to_owned())];
            let answer = self.outgoing.post(&self.service.url, &headers, message.to_string().into_bytes()).await?;
            Ok(match answer.status {
                200 => Outcome::Sent,
                401 => {
                    forget(ground);
                    Outcome::Later { after: Duration::SECOND }
                }
                404 if is_unregistered(&answer.body) => Outcome::Gone,
                _ => Outcome::of(&answer, now),
            })
        }
        .boxed_local()
    }
}

/// `error.details[].errorCode` is `UNREGISTERED`: another 404 is a project that does not exist, and no fault of the phone's.
fn is_unregistered(body: &[u8]) -> bool {
    let read = serde_json::from_slice::<Value>(body).ok();
    let details = read.as_ref().and_then(|body| body.pointer("/error/details")?.as_array());
    details.is_some_and(|details| details.iter().any(|detail| detail.get("errorCode").and_then(Value::as_str) == Some("UNREGISTERED")))
}

fn forget(ground: &Ground) {
    *ground.kept.of::<Held>().0.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

enum Bought {
    Given(Arc<Secret<String>>),
    NotNow(Outcome),
}

impl Fcm {
    async fn token(&self, ground: &Ground) -> Result<Bought, PushError> {
        let now = ground.clock().now();
        let held = ground.kept.of::<Held>();
        let known = held.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((until, token)) = known.filter(|(until, _)| now < *until) {
            let _good_until = until;
            return Ok(Bought::Given(token));
        }
        let seconds = now.millis() / 1000;
        let service = &self.service;
        let claims = json!({"iss": service.email, "scope": SCOPE, "aud": service.audience, "iat": seconds, "exp": seconds + 3600});
        let assertion = jwt::sign(&service.key, &json!({"alg": "RS256", "typ": "JWT"}), &claims)?;
        let form = [("grant_type", GRANT), ("assertion", assertion.as_str())];
        let form = serde_urlencoded::to_string(form).map_err(|_| PushError::Unfit)?.into_bytes();
        let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
        let answer = self.outgoing.post(&service.token_url, &headers, form).await?;
        if answer.status != 200 {
            return match Outcome::of(&answer, now) {
                later @ Outcome::Later { .. } => Ok(Bought::NotNow(later)),
                Outcome::Gone | Outcome::Refused { .. } | Outcome::Sent => Err(PushError::Token { status: answer.status }),
            };
        }
        let granted: Granted = serde_json::from_slice(&answer.body).map_err(|_| PushError::Token { status: 200 })?;
        let (until, token) = (now.plus(Duration::seconds(granted.expires_in.into()) - SPARE), Arc::new(granted.access_token));
        *held.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((until, token.clone()));
        Ok(Bought::Given(token))
    }
}
