//! A program that talks to the service as anybody outside would: JSON over HTTP, a bearer token, nothing else.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use serde_json::Value;

/// An answer, body read.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: StatusCode,
    /// Headers.
    pub headers: header::HeaderMap,
    /// Body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; `Null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A string of the JSON body; empty when it is not there.
    pub fn string(&self, pointer: &str) -> String {
        self.json().pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// This answer, when the status is the expected one.
    ///
    /// # Errors
    /// With status and body otherwise.
    pub fn expect(self, status: u16) -> anyhow::Result<Self> {
        if self.status.as_u16() == status {
            return Ok(self);
        }
        bail!("expected {status}, got {}: {}", self.status, self.text().chars().take(2000).collect::<String>())
    }

    /// The items of a list.
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().cloned().unwrap_or_default()
    }

    /// The problem's slug, as `not-found`; empty when the answer is no problem (RFC 9457).
    pub fn problem(&self) -> String {
        if !self.header("content-type").starts_with("application/problem+json") {
            return String::new();
        }
        self.string("/type").trim_start_matches("/problems/").to_owned()
    }

    /// The JSON pointers of the faulty fields.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|error| error["pointer"].as_str().map(str::to_owned)).collect()
    }

    /// Checks that this is a refusal of a kind, told as a problem.
    ///
    /// # Errors
    /// With what it is otherwise.
    pub fn refused(&self, status: u16, slug: &str) -> anyhow::Result<()> {
        if self.status.as_u16() == status && self.problem() == slug {
            return Ok(());
        }
        bail!("expected {status} {slug}, got {}: {}", self.status, self.text().chars().take(2000).collect::<String>())
    }

    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }
}

/// A client of one service, with or without a token. Prints nothing of itself.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    http: reqwest::Client,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("client")
    }
}

/// Sends a built request and reads the answer.
///
/// # Errors
/// When nobody answers.
pub async fn send(request: RequestBuilder) -> anyhow::Result<Answer> {
    let response = request.send().await.context("no answer")?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Answer { status, headers, bytes: response.bytes().await?.to_vec() })
}

impl Client {
    /// Nobody in particular.
    ///
    /// # Panics
    /// When no client can be made.
    pub fn anonymous(base: &str) -> Self {
        // It speaks to loopback in clear: no roots need be read.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).tls_built_in_root_certs(false);
        // The service closes a connection that rests for five seconds: one about to be closed is never written to.
        let http = http.pool_idle_timeout(Duration::from_secs(3)).build().expect("a client");
        Self { base: base.trim_end_matches('/').to_owned(), token: None, http }
    }

    /// The same service, with a bearer token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same service, without a token.
    #[must_use]
    pub fn without_token(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// The same token, shown to the service at another address.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The service's address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to be built further.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// GET.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        send(self.request(Method::GET, path)).await
    }

    /// POST of JSON.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// POST of JSON with an Idempotency-Key.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post_once(&self, path: &str, body: &Value, key: &str) -> anyhow::Result<Answer> {
        send(self.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
    }

    /// POST of bytes.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn post_bytes(&self, path: &str, content_type: &str, bytes: &[u8]) -> anyhow::Result<Answer> {
        send(self.request(Method::POST, path).header(header::CONTENT_TYPE, content_type).body(bytes.to_vec())).await
    }

    /// DELETE.
    ///
    /// # Errors
    /// When nobody answers.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        send(self.request(Method::DELETE, path)).await
    }
}
