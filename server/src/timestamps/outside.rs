//! Time stamps of authorities elsewhere, by URL: asked with a nonce, bounded, and believed only when everything holds.

use std::{
    collections::HashMap,
    io::Read as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use certs::{
    path::{self, Budget, Material, PathError, Purpose},
    timestamp::{self, Request, TimeStamp, TokenError},
};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

use crate::{
    config::Timestamps,
    platform::{ground::Ground, moment::Moment, random},
};

/// The largest answer that is read, bytes.
const ANSWER_BYTES: u64 = 64 * 1024;
/// An authority that failed is passed over for so long, so that not every signature waits for it.
const PASSED_OVER: Duration = Duration::from_secs(30);
/// How far a stamp may be from our own clock: more is somebody's fault, and nobody can tell whose.
const APART: time::Duration = time::Duration::minutes(5);

/// Why an authority elsewhere gave no time stamp.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// It failed a moment ago.
    #[error("it failed a moment ago and is passed over")]
    PassedOver,
    /// It could not be reached, did not answer in time, or not with 200.
    #[error("it does not answer: {0}")]
    Silent(Box<ureq::Error>),
    /// Its answer breaks off, or is larger than we read.
    #[error("its answer breaks off or has more than {ANSWER_BYTES} bytes")]
    Size,
    /// The answer has another content type than RFC 3161 section 3.4 wants.
    #[error("it answers with {0:?} instead of application/timestamp-reply")]
    ContentType(String),
    /// The answer is a refusal, or no answer to what was asked.
    #[error("its answer is not accepted: {0}")]
    Token(#[from] TokenError),
    /// Its certificate leads to none of those trusted to stamp times.
    #[error("it is not trusted: {0}")]
    Untrusted(#[from] PathError),
    /// It stamped a time far from our own.
    #[error("it stamped {at}, which is more than 5 minutes from this machine's clock")]
    OtherTime {
        /// What it stamped.
        at: Moment,
    },
    /// The token does not fit into the room that a document keeps for it.
    #[error("its token has {bytes} bytes, more than the room for it")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// The waiting thread is gone.
    #[error("it was not waited for")]
    Gone,
}

/// Who failed, and until when nobody asks.
#[derive(Default)]
struct Failed(Mutex<HashMap<String, Instant>>);

/// A verified token of the authority at `url` over a SHA-256 digest, DER.
///
/// # Errors
/// What does not hold; the authority is then passed over for a while.
pub(super) async fn ask(ground: &Ground, url: &str, digest_sha256: [u8; 32], room: usize) -> Result<Vec<u8>, OutsideError> {
    let failed = ground.kept.of::<Failed>();
    let until = failed.0.lock().unwrap_or_else(PoisonError::into_inner).get(url).copied();
    if until.is_some_and(|until| Instant::now() < until) {
        return Err(OutsideError::PassedOver);
    }
    let outcome = asked(ground, url, digest_sha256, room).await;
    let mut failed = failed.0.lock().unwrap_or_else(PoisonError::into_inner);
    match &outcome {
        Ok(_) => drop(failed.remove(url)),
        Err(_) => drop(failed.insert(url.to_owned(), Instant::now() + PASSED_OVER)),
    }
    drop(failed);
    outcome
}

async fn asked(ground: &Ground, url: &str, digest_sha256: [u8; 32], room: usize) -> Result<Vec<u8>, OutsideError> {
    let nonce = u64::from_be_bytes(random::bytes(ground.random())) >> 1;
    let request = Request::new(digest_sha256, Some(nonce));
    let (asking, url, config) = (request.clone(), url.to_owned(), ground.config.clone());
    let answer =
        tokio::task::spawn_blocking(move || fetch(&url, &asking.to_der(), &config.timestamps)).await.map_err(|_| OutsideError::Gone)??;
    let token = timestamp::accept(&answer, &request)?;
    let stamp = timestamp::verify_answer(&token, &request)?;
    check(ground, &stamp)?;
    if token.len() > room {
        return Err(OutsideError::TooLarge { bytes: token.len() });
    }
    Ok(token)
}

fn fetch(url: &str, request: &[u8], settings: &Timestamps) -> Result<Vec<u8>, OutsideError> {
    let roots = match &settings.outside_tls {
        Some(roots) => RootCerts::new_with_certs(&roots.iter().map(|der| Certificate::from_der(der).to_owned()).collect::<Vec<_>>()),
        None => RootCerts::PlatformVerifier,
    };
    let tls = TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build();
    let timeout = Some(settings.outside_timeout);
    let config = ureq::Agent::config_builder().timeout_global(timeout).max_redirects(0).tls_config(tls).build();
    let agent: ureq::Agent = config.into();
    let sent = agent.post(url).header("Content-Type", "application/timestamp-query").send(request);
    let mut answer = sent.map_err(|error| OutsideError::Silent(Box::new(error)))?;
    // A redirection leads somewhere that nobody configured.
    if answer.status() != 200 {
        return Err(OutsideError::Silent(Box::new(ureq::Error::StatusCode(answer.status().as_u16()))));
    }
    let kind = answer.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind: String = kind.split(';').next().unwrap_or_default().trim().chars().take(100).collect();
    if !kind.eq_ignore_ascii_case("application/timestamp-reply") {
        return Err(OutsideError::ContentType(kind));
    }
    let mut bytes = Vec::new();
    let read = answer.body_mut().as_reader().take(ANSWER_BYTES + 1).read_to_end(&mut bytes);
    if read.is_err() || bytes.len() as u64 > ANSWER_BYTES {
        return Err(OutsideError::Size);
    }
    Ok(bytes)
}

/// Whether the unit leads to somebody who is trusted to stamp times, and the time is about now.
fn check(ground: &Ground, stamp: &TimeStamp) -> Result<(), OutsideError> {
    let anchors = &ground.config.timestamps.outside_trust;
    let material = Material { leaf: &stamp.certificate, intermediates: &stamp.certificates, anchors };
    path::verify(&material, stamp.at, Purpose::TimeStamp, &Budget::default())?;
    let at = Moment::from_datetime(stamp.at);
    let apart = at.since(ground.clock().now());
    if apart.abs() > APART { Err(OutsideError::OtherTime { at }) } else { Ok(()) }
}
