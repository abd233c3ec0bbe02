//! Sends one phone a wake-up by the way that it registered, and forgets a way that leads nowhere.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use keycard::wire::Wake;
use time::Duration;

use super::{Look, Outcome, Push, PushError, apns::Apns, fcm::Fcm, web_push::WebPush};
use crate::{
    phones,
    platform::{
        ground::Ground,
        id::PhoneId,
        outgoing::{Outgoing, Target},
    },
};

/// So long a wake-up waits whose server is being asked for another.
const BUSY: Duration = Duration::SECOND;

#[derive(Default)]
struct Held(OnceLock<Arc<Outgoing>>);

fn outgoing(ground: &Ground) -> Result<Arc<Outgoing>, PushError> {
    let held = ground.kept.of::<Held>();
    if let Some(made) = held.0.get() {
        return Ok(made.clone());
    }
    let push = &ground.config.push;
    let made = Arc::new(Outgoing::new(push.trust_file.as_deref(), push.inside)?);
    Ok(held.0.get_or_init(|| made).clone())
}

/// The way to a phone; none when this service does not offer it (any more).
fn way(ground: &Ground, wake: &Wake) -> Result<Option<Box<dyn Push>>, PushError> {
    let (push, outgoing) = (&ground.config.push, outgoing(ground)?);
    Ok(match wake {
        Wake::Apns { token } => push.apns.clone().map(|service| {
            let way: Box<dyn Push> = Box::new(Apns { service, device: token.as_str().to_owned(), outgoing });
            way
        }),
        Wake::Fcm { token } => push.fcm.clone().map(|service| {
            let way: Box<dyn Push> = Box::new(Fcm { service, device: token.as_str().to_owned(), outgoing });
            way
        }),
        Wake::WebPush { endpoint, public_key, secret } if push.web_push => {
            let endpoint = Target::parse(endpoint.as_str(), push.inside)?;
            Some(Box::new(WebPush { endpoint, public_key: *public_key, secret: secret.0, outgoing }))
        }
        Wake::None | Wake::WebPush { .. } => None,
    })
}

/// Servers that phones name and that are being asked: each one at a time, so that one that hangs keeps one hand and no more.
#[derive(Default)]
struct Hosts(Mutex<HashSet<String>>);

impl Hosts {
    fn with<T>(&self, act: impl FnOnce(&mut HashSet<String>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A turn, unless somebody else has it.
    fn enter(&self, host: String) -> Option<Turn<'_>> {
        // Made only where it is had: a turn that is dropped ends whosever it is.
        self.with(|asked| asked.insert(host.clone())).then(|| Turn { hosts: self, host })
    }
}

struct Turn<'a> {
    hosts: &'a Hosts,
    host: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.hosts.with(|asked| asked.remove(&self.host));
    }
}

/// The server that a phone named, if it named one: Apple's and Google's are the operator's choice.
fn named_host(ground: &Ground, wake: &Wake) -> Option<String> {
    match wake {
        Wake::WebPush { endpoint, .. } => Target::parse(endpoint.as_str(), ground.config.push.inside).ok().map(|target| target.origin()),
        Wake::Apns { .. } | Wake::Fcm { .. } | Wake::None => None,
    }
}

/// Wakes a phone. Gives after how long to try again, if at all.
///
/// # Errors
/// When its server cannot be reached: try again.
pub async fn send(ground: &Ground, phone: PhoneId, look: Look) -> Result<Option<Duration>, PushError> {
    let Some(kept) = phones::wake_of(ground, phone).await? else { return Ok(None) };
    let Some(way) = way(ground, &kept.wake)? else { return Ok(None) };
    let hosts = ground.kept.of::<Hosts>();
    let _turn = match named_host(ground, &kept.wake) {
        Some(host) => match hosts.enter(host) {
            Some(turn) => Some(turn),
            None => return Ok(Some(BUSY)),
        },
        None => None,
    };
    Ok(match way.push(ground, look).await? {
        Outcome::Gone => {
            phones::forget_wake(ground, phone, &kept).await?;
            None
        }
        Outcome::Later { after } => Some(after),
        Outcome::Refused { status } => {
            tracing::warn!(%phone, status, "a phone's push server refuses wake-ups");
            None
        }
        Outcome::Sent => None,
    })
}
