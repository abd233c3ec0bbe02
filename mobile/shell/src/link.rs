//! HTTPS to one service, in Rust: the screens have no network.
//!
//! TLS is judged by the system's roots, or, where an authority was given at pairing, by that one alone. It keeps strangers from reading
//! along. **Who the service is, it does not say**: that is the identity key, pinned at pairing, by which everything that matters is signed.
//! No redirection is followed; nothing is read beyond its bound; nothing is waited for longer than half a minute.

use std::io::BufRead as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keycard::pairing::Address;
use keycard::wire::{self, Bearer, TO_PHONE_BYTES};
use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::app::Language;
use crate::error::AppError;
use crate::tls;

const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);
/// The service sends a beat more often than this.
const SILENCE: Duration = Duration::from_secs(60);
/// No line of the event stream is longer.
const LINE_BYTES: usize = 4096;

/// The language of the screens. Each request says it (`Accept-Language`), so that the service words its questions in it.
#[derive(Clone, Debug, Default)]
pub struct Speech(Arc<AtomicBool>);

impl Speech {
    /// From now on the screens are in this language.
    pub fn speak(&self, language: Language) {
        self.0.store(language == Language::En, Ordering::Relaxed);
    }

    fn tag(&self) -> &'static str {
        if self.0.load(Ordering::Relaxed) { "en" } else { "da" }
    }
}

/// A way to one service.
#[derive(Clone)]
pub struct Link {
    agent: Agent,
    base: String,
    speech: Speech,
}

impl Link {
    /// A way to this address; `authority` is what is trusted for TLS in place of the system's roots, in PEM.
    ///
    /// # Errors
    /// [`AppError::BadAuthority`].
    pub fn new(address: &Address, authority: Option<&str>, speech: &Speech) -> Result<Self, AppError> {
        let config = tls::trusting(authority)?.max_redirects(0).http_status_as_error(false);
        let config = config.timeout_connect(Some(CONNECT)).proxy(None).build();
        Ok(Self { agent: config.into(), base: format!("{}/api/v1/phone", address.url()), speech: speech.clone() })
    }

    /// Posts a question.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn post<A: DeserializeOwned>(&self, path: &str, bearer: Option<&Bearer>, question: &impl Serialize) -> Result<A, AppError> {
        let answer = self.send("POST", path, bearer, Some(question))?;
        wire::read(&answer, TO_PHONE_BYTES).map_err(|_| AppError::Answer)
    }

    /// Posts a question that is answered with nothing.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn tell(&self, method: &str, path: &str, bearer: Option<&Bearer>, question: &impl Serialize) -> Result<(), AppError> {
        self.send(method, path, bearer, Some(question)).map(|_| ())
    }

    /// Posts nothing, to be answered.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn ask<A: DeserializeOwned>(&self, path: &str, bearer: &Bearer) -> Result<A, AppError> {
        let answer = self.send("POST", path, Some(bearer), None::<&()>)?;
        wire::read(&answer, TO_PHONE_BYTES).map_err(|_| AppError::Answer)
    }

    /// Gets.
    ///
    /// # Errors
    /// [`AppError`].
    pub fn get<A: DeserializeOwned>(&self, path: &str, bearer: &Bearer) -> Result<A, AppError> {
        let answer = self.send("GET", path, Some(bearer), None::<&()>)?;
        wire::read(&answer, TO_PHONE_BYTES).map_err(|_| AppError::Answer)
    }

    fn send(&self, method: &str, path: &str, bearer: Option<&Bearer>, body: Option<&impl Serialize>) -> Result<Vec<u8>, AppError> {
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}/{path}", self.base)).header("Accept-Language", self.speech.tag());
        if let Some(bearer) = bearer {
            request = request.header("Authorization", format!("Bearer {}", *bearer.text()));
        }
        let bytes = body.map(serde_json::to_vec).transpose().map_err(|_| AppError::Answer)?;
        let sent = match (bytes, method) {
            (None, "GET") => {
                let request = request.body(()).map_err(|_| AppError::BadAddress)?;
                self.agent.run(self.agent.configure_request(request).timeout_global(Some(ANSWER)).build())
            }
            (bytes, _) => {
                let request = request.header("Content-Type", "application/json").body(bytes.unwrap_or_default());
                let request = request.map_err(|_| AppError::BadAddress)?;
                self.agent.run(self.agent.configure_request(request).timeout_global(Some(ANSWER)).build())
            }
        };
        let mut answer = sent.map_err(|error| unreached(&error))?;
        let read = answer.body_mut().with_config().limit(TO_PHONE_BYTES as u64).read_to_vec();
        let status = answer.status().as_u16();
        match (status, read) {
            (200..=299, Ok(bytes)) => Ok(bytes),
            (200..=299, Err(ureq::Error::BodyExceedsLimit(_))) => Err(AppError::Answer),
            (200..=299, Err(error)) => Err(unreached(&error)),
            (404 | 410, _) => Err(AppError::NotFound),
            (429, _) => Err(AppError::Busy),
            (500.., _) => Err(AppError::NoConnection),
            (_, bytes) => Err(AppError::Refused { status, problem: problem(&bytes.unwrap_or_default()) }),
        }
    }

    /// Reads the event stream until it ends, handing over each event's data with its id; `begun` is called once the service has begun to tell, as its
    /// first line says: what happened before is in no event. Blocks for as long as it lasts.
    ///
    /// # Errors
    /// [`AppError`] when it could not be opened.
    pub fn events(
        &self,
        bearer: &Bearer,
        last: Option<&str>,
        begun: impl FnOnce(),
        mut each: impl FnMut(Option<&str>, &str) -> Stream,
    ) -> Result<(), AppError> {
        let mut request = self.agent.get(format!("{}/events", self.base)).header("Accept", "text/event-stream");
        request = request.header("Authorization", format!("Bearer {}", *bearer.text())).header("Accept-Language", self.speech.tag());
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let answer = request.config().timeout_per_read(Some(SILENCE)).build().call().map_err(|error| unreached(&error))?;
        match answer.status().as_u16() {
            200 => {}
            401 | 403 => return Err(AppError::Refused { status: answer.status().as_u16(), problem: String::new() }),
            _ => return Err(AppError::NoConnection),
        }
        read_events(answer, begun, &mut each);
        Ok(())
    }
}

/// Whether a stream is read further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The next event is waited for.
    Goes,
    /// Enough.
    Ends,
}

/// The lines of `text/event-stream` that concern us: `id`, `data`, and the empty one that ends an event.
fn read_events(answer: Response<Body>, begun: impl FnOnce(), each: &mut impl FnMut(Option<&str>, &str) -> Stream) {
    let mut begun = Some(begun);
    let mut reader = std::io::BufReader::new(answer.into_body().into_with_config().limit(u64::MAX).reader());
    let (mut id, mut data) = (None::<String>, String::new());
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = std::io::Read::take(&mut reader, LINE_BYTES as u64);
        let whole = matches!(bounded.read_until(b'\n', &mut line), Ok(count) if count > 0) && line.ends_with(b"\n");
        let Some(text) = whole.then(|| std::str::from_utf8(&line).ok()).flatten() else { return };
        let text = text.trim_end_matches(['\r', '\n']);
        if let Some(begun) = begun.take() {
            begun();
        }
        if let Some(value) = text.strip_prefix("id:") {
            id = Some(value.trim().to_owned());
        } else if let Some(value) = text.strip_prefix("data:") {
            data = value.trim().to_owned();
        } else if text.is_empty() && !data.is_empty() {
            if each(id.as_deref(), &data) == Stream::Ends {
                return;
            }
            data.clear();
        }
    }
}

fn unreached(error: &ureq::Error) -> AppError {
    let untrusted = match error {
        #[cfg(any(feature = "native-tls", feature = "rustls"))]
        ureq::Error::Tls(_) => true,
        #[cfg(feature = "native-tls")]
        ureq::Error::NativeTls(_) => true,
        ureq::Error::Io(cause) => cause.to_string().contains("certificate"),
        _ => false,
    };
    if untrusted { AppError::Untrusted } else { AppError::NoConnection }
}

/// The last word of the problem's type (RFC 9457), if it is one.
fn problem(bytes: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Problem {
        r#type: String,
    }
    let found = serde_json::from_slice::<Problem>(bytes).ok();
    let word = found.as_ref().and_then(|problem| problem.r#type.rsplit('/').next()).unwrap_or_default();
    word.chars().take(64).filter(|sign| sign.is_ascii_lowercase() || *sign == '-').collect()
}
